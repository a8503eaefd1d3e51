using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// One connection that keeps the statements it has prepared: an append is a dozen small statements, and preparing them
/// anew would cost more than running them. Parameters are <c>$1</c>, <c>$2</c> and so on. One
/// thread at a time.
/// </summary>
internal sealed class Session(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, Statement> _prepared = new(StringComparer.Ordinal);

    public SqliteConnection Connection => connection;

    /// <summary>Rows changed since it was opened.</summary>
    public int Changes => SQLitePCL.raw.sqlite3_total_changes(connection.Handle);

    public bool IsInTransaction => SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0;

    /// <summary>Runs a statement; returns how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> values)
    {
        var statement = Prepared(sql);
        try
        {
            statement.Begin(values);
            while (statement.Step())
            {
            }

            return statement.Changes;
        }
        finally
        {
            statement.End();
        }
    }

    /// <summary>Runs several statements once.</summary>
    public void Script(string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // every text passed here is a file of this folder
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public T? Scalar<T>(string sql, params ReadOnlySpan<object?> values)
    {
        var statement = Prepared(sql);
        try
        {
            statement.Begin(values);
            return statement.Step() && statement.Row.GetValue(0) is { } value ? (T)value : default;
        }
        finally
        {
            statement.End();
        }
    }

    public List<T> Rows<T>(string sql, Func<Row, T> read, params ReadOnlySpan<object?> values)
    {
        var rows = new List<T>();
        var statement = Prepared(sql);
        try
        {
            statement.Begin(values);
            while (statement.Step())
            {
                rows.Add(read(statement.Row));
            }

            return rows;
        }
        finally
        {
            statement.End();
        }
    }

    /// <summary>The same, one row at a time, for what may be more than memory should hold.</summary>
    public IEnumerable<T> Each<T>(string sql, Func<Row, T> read, params object?[] values)
    {
        var statement = Prepared(sql);
        try
        {
            statement.Begin(values);
            while (statement.Step())
            {
                yield return read(statement.Row);
            }
        }
        finally
        {
            statement.End();
        }
    }

    /// <summary>Ends whatever transaction is open. A pooled connection would keep it, and with it the lock of the only writer.</summary>
    public void RollBack()
    {
        if (IsInTransaction)
        {
            Execute("ROLLBACK");
        }
    }

    public void Dispose()
    {
        foreach (var statement in _prepared.Values)
        {
            statement.Dispose();
        }

        connection.Dispose();
    }

    private Statement Prepared(string sql)
    {
        if (!_prepared.TryGetValue(sql, out var statement))
        {
            _prepared[sql] = statement = new Statement(connection.Handle!, sql);
        }

        return statement;
    }
}
