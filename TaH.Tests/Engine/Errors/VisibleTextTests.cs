namespace TaH.Tests;

/// <summary>What files say reaches a terminal as text, not as commands to it.</summary>
public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("plain, é, 深, 😀 and \\n", "plain, é, 深, 😀 and \\n")]
    [InlineData("\u001b[31mred\u0007", @"\u001b[31mred\u0007")]
    [InlineData("two\r\nlines\u2028three\u0085", @"two\u000d\u000alines\u2028three\u0085")]
    [InlineData("\u202Etxt.exe", @"\u202etxt.exe")]
    public void Only_what_commands_a_terminal_is_escaped(string text, string shown) => Assert.Equal(shown, VisibleText.Of(text));

    // The argument of a theory must be valid UTF-16 to be shown.
    [Fact]
    public void Half_a_surrogate_pair_is_escaped() => Assert.Equal(@"a\ud83d", VisibleText.Of("a\ud83d"));

    [Theory]
    [InlineData("12345678", "12345678")]
    [InlineData("123456789", "12345...")]
    [InlineData("1234😀😀😀", "1234...")]
    [InlineData("1\u001b\u001b", "1...")]
    public void A_cut_leaves_whole_characters_and_escapes(string text, string shown) => Assert.Equal(shown, VisibleText.Of(text, limit: 8));

    [Fact]
    public void A_message_about_a_file_is_short_and_clean()
    {
        var error = new CheckpointException("a\nb", "\u001b" + new string('x', 10_000), new string('y', 10_000) + "\u001b");
        Assert.StartsWith(@"a\u000ab: \u001bxxx", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 1000, 1300);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }
}
