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
}
