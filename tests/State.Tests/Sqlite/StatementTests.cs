using AgentMcp.State.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Tests.Sqlite;

/// <summary>What goes into a statement comes out of it.</summary>
public sealed class StatementTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly Session _session;

    public StatementTests() => _session = _files.Keep(new Session(_files.Open().Connect()));

    public static TheoryData<object> Values => ["", "a", "a\0b", "naïve 👍", new string('ü', 5000), 0L, long.MinValue, 0.1, new byte[] { 0, 255 }];

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_is_read_as_it_was_given(object value) => Assert.Equal(value, _session.Scalar<object>("SELECT $1", value));

    [Fact]
    public void Parameters_go_by_their_names_wherever_they_stand() =>
        Assert.Equal(["b a c a"], _session.Rows("SELECT $2 || ' ' || $1 || ' ' || $3 || ' ' || $1", row => row.GetString(0), "a", "b", "c"));

    [Fact]
    public void A_statement_can_be_run_again_with_other_values()
    {
        _session.Execute("CREATE TEMP TABLE t (a)");
        Assert.Equal((1, 1, 2), (_session.Execute("INSERT INTO t VALUES ($1)", "x"), _session.Execute("INSERT INTO t VALUES ($1)", (object?)null), _session.Execute("UPDATE t SET a = $1", 7L)));
        Assert.Equal([7L, 7L], _session.Rows("SELECT a FROM t", row => row.GetInt64(0)));
        Assert.Equal(0, _session.Execute("SELECT a FROM t"));
    }

    [Fact]
    public void After_an_error_it_is_as_good_as_before()
    {
        _session.Execute("CREATE TEMP TABLE u (a TEXT PRIMARY KEY)");
        _session.Execute("INSERT INTO u VALUES ($1)", "x");
        var error = Assert.Throws<SqliteException>(() => _session.Execute("INSERT INTO u VALUES ($1)", "x"));
        Assert.Equal(SQLitePCL.raw.SQLITE_CONSTRAINT_PRIMARYKEY, error.SqliteExtendedErrorCode);
        Assert.Equal(1, _session.Execute("INSERT INTO u VALUES ($1)", "y"));
    }

    [Fact]
    public void Two_statements_are_not_taken_for_one() => Assert.Throws<ArgumentException>(() => _session.Execute("SELECT 1; SELECT 2"));

    [Fact]
    public void A_missing_value_is_not_read_as_one() => Assert.Throws<InvalidCastException>(() => _session.Rows("SELECT NULL", row => row.GetString(0)));

    public void Dispose() => _files.Dispose();
}
