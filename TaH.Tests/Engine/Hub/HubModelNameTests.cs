namespace TaH.Tests;

public sealed class HubModelNameTests
{
    [Theory]
    [InlineData("nics-efc/TaH-plus-1.7B", "nics-efc", "TaH-plus-1.7B", "main")]
    [InlineData("a/b@v1.0", "a", "b", "v1.0")]
    [InlineData("a/b@refs/pr/3", "a", "b", "refs/pr/3")]
    [InlineData("A_b.c/d@0123456789abcdef0123456789abcdef01234567", "A_b.c", "d", "0123456789abcdef0123456789abcdef01234567")]
    public void Reads_owner_name_and_revision(string text, string owner, string name, string revision)
    {
        var read = HubModelName.Parse(text);
        Assert.Equal((owner, name, revision), (read.Owner, read.Name, read.Revision));
        Assert.Equal(text, read.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpt2")]
    [InlineData("a/b/c")]
    [InlineData("/a/b")]
    [InlineData("a/")]
    [InlineData("/b")]
    [InlineData("../b")]
    [InlineData("a/..")]
    [InlineData("./b")]
    [InlineData("a/b..c")]
    [InlineData("a--x/b")]
    [InlineData("-a/b")]
    [InlineData("a/b-")]
    [InlineData("a\\b")]
    [InlineData("C:\\a/b")]
    [InlineData("a/b\n")]
    [InlineData("a /b")]
    [InlineData("a/b@")]
    [InlineData("a/b@../../x")]
    [InlineData("a/b@/etc/passwd")]
    [InlineData("a/b@x//y")]
    [InlineData("a/b@x\\y")]
    [InlineData("a/b@.hidden")]
    [InlineData("a/b@c@d")]
    public void Refuses_everything_else(string text)
    {
        Assert.False(HubModelName.TryParse(text, out _));
        Assert.Contains("owner/name@revision", Assert.Throws<UsageException>(() => HubModelName.Parse(text)).Message);
    }
}
