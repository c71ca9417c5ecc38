namespace TaH.Tests;

/// <summary>The program as a process of its own: standard streams that are closed, full or broken.</summary>
[Collection(DeviceCollection.Name)]
public class ProcessTests
{
    private const string Generate = "$TAH generate --device cpu -n 4";

    [Theory]
    [InlineData("$TAH chat --device cpu <&-")]
    [InlineData("$TAH generate --device cpu -f - <&-")]
    [InlineData("$TAH generate --device cpu <&-")]
    [InlineData("$TAH tokenize --input - <&-")]
    public void A_closed_standard_input_is_one_sentence(string line)
    {
        var (exitCode, _, error) = Shell.Run(line);
        Assert.Equal((3, "error: standard input: is closed\n"), (exitCode, error));
    }

    [Fact]
    public void A_standard_input_that_cannot_be_read_is_one_sentence()
    {
        var (exitCode, _, error) = Shell.Run("$TAH generate --device cpu < /");
        Assert.Equal(3, exitCode);
        Assert.StartsWith("error: standard input: cannot be read: ", error);
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    public void A_standard_error_that_takes_nothing_changes_neither_answer_nor_exit_code(string redirection)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "the system has no /dev/full");
        var usual = Shell.Run($"{Generate} --ids 538,277");
        Assert.Equal((0, usual.Out), Answer($"{Generate} --ids 538,277 {redirection}"));
        Assert.Equal((2, ""), Answer($"{Generate} --ids x {redirection}"));
    }

    [Theory]
    [InlineData(Generate + " hi >/dev/full", "error: standard output: cannot be written: No space left on device")]
    [InlineData("$TAH --help >/dev/full", "error: standard output: cannot be written: No space left on device")]
    [InlineData("$TAH info >/dev/full", "error: standard output: cannot be written: No space left on device")]
    [InlineData("$TAH info >&-", "error: standard output: is closed")]
    public void A_standard_output_that_takes_nothing_is_one_sentence(string line, string sentence)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "the system has no /dev/full");
        var (exitCode, _, error) = Shell.Run(line);
        Assert.Equal(1, exitCode);
        Assert.Equal(sentence, Assert.Single(error.Split('\n'), remark => remark.StartsWith("error: ", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_answer_that_nobody_reads_any_more_ends_quietly()
    {
        // Of 1,900 tokens one is read: who goes on to the end writes a summary of them.
        var (_, output, error) = Shell.Run("$TAH generate --device cpu --ids 538 --ignore-eos -n 1900 | head -c 1; echo ${PIPESTATUS[0]}");
        Assert.EndsWith("141\n", output);
        Assert.StartsWith("device: cpu", error);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static (int ExitCode, string Out) Answer(string line)
    {
        var (exitCode, output, _) = Shell.Run(line);
        return (exitCode, output);
    }
}
