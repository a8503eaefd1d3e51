using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// One prepared statement, used again and again. The driver's own command does all this too, and makes a reader, a binder
/// and a list of statements each time it is run; an append is a dozen of them. One thread at a time.
/// </summary>
internal sealed class Statement : IDisposable
{
    private const int LargestOnStack = 512;
    private readonly SQLitePCL.sqlite3 _database;
    private readonly SQLitePCL.sqlite3_stmt _statement;

    // SQLite counts parameters as they come in the text; which value each of them is, its name says.
    private readonly int[] _values;

    /// <param name="sql">Its parameters are <c>$1</c>, <c>$2</c> and so on, in any order.</param>
    /// <exception cref="SqliteException">It is no statement that this database knows.</exception>
    /// <exception cref="ArgumentException">There is more than one statement in the text.</exception>
    public Statement(SQLitePCL.sqlite3 database, string sql)
    {
        _database = database;
        SqliteException.ThrowExceptionForRC(sqlite3_prepare_v3(database, sql, SQLITE_PREPARE_PERSISTENT, out _statement, out var rest), database);
        if (!string.IsNullOrWhiteSpace(rest))
        {
            throw new ArgumentException("That is more than one statement.", nameof(sql));
        }

        _values = [.. Enumerable.Range(1, sqlite3_bind_parameter_count(_statement))
            .Select(index => int.Parse(sqlite3_bind_parameter_name(_statement, index).utf8_to_string().AsSpan(1), CultureInfo.InvariantCulture) - 1)];
    }

    public Row Row => new(_statement);

    /// <summary>Of the statement that was run last.</summary>
    public int Changes => sqlite3_stmt_readonly(_statement) == 0 ? sqlite3_changes(_database) : 0;

    /// <summary>Gives it its values. It has to have ended before.</summary>
    public void Begin(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            SqliteException.ThrowExceptionForRC(Bind(i + 1, values[_values[i]]), _database);
        }
    }

    /// <returns>Whether there is another row.</returns>
    public bool Step()
    {
        var result = sqlite3_step(_statement);
        if (result is SQLITE_ROW or SQLITE_DONE)
        {
            return result == SQLITE_ROW;
        }

        SqliteException.ThrowExceptionForRC(result, _database);
        throw new InvalidOperationException($"SQLite went on with {result}.");
    }

    /// <summary>Lets go of what it holds of the database. What it says of an error has been said by the step.</summary>
    public void End() => _ = sqlite3_reset(_statement);

    public void Dispose() => _statement.Dispose();

    private int Bind(int index, object? value) => value switch
    {
        null => sqlite3_bind_null(_statement, index),
        string text => BindText(index, text),
        long number => sqlite3_bind_int64(_statement, index, number),
        int number => sqlite3_bind_int64(_statement, index, number),
        double number => sqlite3_bind_double(_statement, index, number),
        byte[] bytes => sqlite3_bind_blob(_statement, index, bytes),
        _ => throw new ArgumentException($"A {value.GetType()} is nothing a statement is given."),
    };

    private int BindText(int index, string text)
    {
        if (text.Length == 0)
        {
            // An empty span would be null.
            return sqlite3_bind_text(_statement, index, text);
        }

        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > LargestOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = rented ?? stackalloc byte[LargestOnStack];
        var result = sqlite3_bind_text(_statement, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return result;
    }
}

/// <summary>A row of a result, until the next one is stepped to. Columns are counted from 0.</summary>
internal readonly struct Row(SQLitePCL.sqlite3_stmt statement)
{
    public bool IsDBNull(int column) => sqlite3_column_type(statement, column) == SQLITE_NULL;

    /// <exception cref="InvalidCastException">There is none.</exception>
    public string GetString(int column) => Encoding.UTF8.GetString(Bytes(column));

    /// <exception cref="InvalidCastException">There is none.</exception>
    public byte[] GetBytes(int column) => Bytes(column).ToArray();

    /// <exception cref="InvalidCastException">There is none.</exception>
    public long GetInt64(int column) => IsDBNull(column) ? throw Missing(column) : sqlite3_column_int64(statement, column);

    /// <inheritdoc cref="GetInt64"/>
    /// <exception cref="OverflowException">It is larger.</exception>
    public int GetInt32(int column) => checked((int)GetInt64(column));

    /// <returns>A long, a double, a string, an array of bytes, or null.</returns>
    public object? GetValue(int column) => sqlite3_column_type(statement, column) switch
    {
        SQLITE_INTEGER => sqlite3_column_int64(statement, column),
        SQLITE_FLOAT => sqlite3_column_double(statement, column),
        SQLITE_TEXT => GetString(column),
        SQLITE_BLOB => GetBytes(column),
        _ => null,
    };

    // Of text this is UTF-8, with whatever zeros are in it.
    private ReadOnlySpan<byte> Bytes(int column) => IsDBNull(column) ? throw Missing(column) : sqlite3_column_blob(statement, column);

    private static InvalidCastException Missing(int column) => new($"Column {column} is null.");
}
