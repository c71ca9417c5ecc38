using System.Text.Json;
using TaH.Cli;

namespace TaH.Tests;

/// <summary><c>tah pull</c> against a fake hub; what can go wrong on the way is tested with the client itself.</summary>
public class PullTests
{
    [Fact]
    public async Task A_pulled_model_is_found_by_its_name()
    {
        await using var hub = new HubFixture();
        var run = Prepare(hub).Run("pull", FakeHub.Model.Id);
        Assert.Equal(hub.Snapshot + "\n", run.Succeeded());
        Assert.Contains("downloaded", run.Error);
        Assert.Equal(hub.Snapshot, ModelPath.Find(FakeHub.Model.Id, run.Terminal));
    }

    [Fact]
    public async Task Its_report_is_JSON_for_scripts_and_a_second_pull_brings_nothing()
    {
        await using var hub = new HubFixture();
        JsonElement Pull() => JsonDocument.Parse(Prepare(hub).Run("pull", FakeHub.Model.Id, "--json", "--parallel", "2").Succeeded()).RootElement;
        var first = Pull();
        Assert.Equal(hub.Snapshot, first.GetProperty("directory").GetString());
        Assert.Equal(FakeHub.Commit, first.GetProperty("commit").GetString());
        Assert.Contains("config.json", first.GetProperty("files").EnumerateArray().Select(file => file.GetString()));
        Assert.True(first.GetProperty("downloaded_bytes").GetInt64() > 0);
        Assert.Equal(0, Pull().GetProperty("downloaded_bytes").GetInt64());
    }

    [Fact]
    public async Task A_model_that_the_hub_does_not_have_is_exit_code_1()
    {
        await using var hub = new HubFixture();
        var sentence = Prepare(hub).Run("pull", "some-lab/other-model").FailedWith(1);
        Assert.Contains("some-lab/other-model", sentence);
        Assert.DoesNotContain(nameof(HubException), sentence);
    }

    private static CommandRun Prepare(HubFixture hub) =>
        CommandRun.Prepare(hub: new HubAccess(() => hub.Options, options => hub.Client(options)));
}
