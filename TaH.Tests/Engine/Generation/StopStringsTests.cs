namespace TaH.Tests;

public class StopStringsTests
{
    [Theory]
    [InlineData("Hello world", "wor", "Hello ", true)]
    [InlineData("Hello world", "xyz", "Hello world", false)]
    [InlineData("aaab", "aab", "a", true)]
    [InlineData("ababac", "abac", "ab", true)]
    [InlineData("end", "endless", "end", false)]
    public void Text_before_the_stop_is_kept_however_it_comes(string text, string stop, string kept, bool found)
    {
        // Every way of cutting a short text in pieces of one to three characters.
        foreach (var piece in (int[])[1, 2, 3])
        {
            var stops = new StopStrings([stop, "never there"]);
            var released = string.Concat(text.Chunk(piece).TakeWhile(_ => !stops.Found).Select(chunk => stops.Append(new string(chunk))));
            Assert.Equal(found, stops.Found);
            Assert.Equal(kept, found ? released : released + stops.Flush());
        }
    }

    [Fact]
    public void The_first_of_two_stops_wins()
    {
        var stops = new StopStrings(["world", "lo"]);
        Assert.Equal("Hel", stops.Append("Hello world"));
        Assert.True(stops.Found);
    }

    [Fact]
    public void Nothing_more_is_held_back_than_may_begin_a_stop()
    {
        var stops = new StopStrings(["\n\n"]);
        Assert.Equal("one", stops.Append("one\n"));
        Assert.Equal("\ntwo", stops.Append("two"));
    }

    [Fact]
    public void An_empty_stop_is_refused() => Assert.Throws<UsageException>(() => new StopStrings([""]));
}
