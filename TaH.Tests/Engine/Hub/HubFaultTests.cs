namespace TaH.Tests;

/// <summary>Servers that drop, stall, lie or refuse.</summary>
public sealed class HubFaultTests
{
    private const string Weights = "model.safetensors";

    [Fact]
    public async Task Dropped_connections_are_resumed_where_they_broke()
    {
        await using var fixture = new HubFixture();
        Storage(fixture, (number, reply) => number < 3 ? reply with { DropAfter = 1_000 } : null);
        await fixture.PullAsync();

        Assert.Equal([null, "bytes=1000-", "bytes=2000-", "bytes=3000-"], fixture.Hub.AsksFor(Weights).Select(ask => ask.Range));
        Assert.Equal(fixture.Hub.Files[Weights], File.ReadAllBytes(fixture.Blob(Weights)));
        Assert.Equal(3, fixture.Clock.Waits.Count(wait => wait > TimeSpan.Zero));
        Assert.All(fixture.Clock.Waits, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Drops_without_progress_end_after_the_attempts_allowed()
    {
        await using var fixture = new HubFixture();
        Storage(fixture, (_, reply) => reply with { DropAfter = 0 });
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync(fixture.Options with { Attempts = 4 }));

        Assert.StartsWith("some-lab/small-model: model.safetensors: ", error.Message);
        Assert.EndsWith("(4 attempts in a row failed)", error.Message);
        Assert.Equal(4, fixture.Hub.AsksFor(Weights).Count);
        Assert.False(File.Exists(fixture.MainRef));
    }

    // 2 MiB between two drops is progress: more drops than attempts are allowed then, or a big file over a bad line would never come.
    [Fact]
    public async Task Drops_after_progress_do_not_use_up_the_attempts()
    {
        await using var fixture = new HubFixture(new FakeHub(("config.json", FakeHub.Bytes(1, 10)), (Weights, FakeHub.Bytes(2, 9 << 20))));
        Storage(fixture, (number, reply) => number < 4 ? reply with { DropAfter = 2 << 20 } : null);
        await fixture.PullAsync(fixture.Options with { Attempts = 2 });

        Assert.Equal(5, fixture.Hub.AsksFor(Weights).Count);
        Assert.Equal(fixture.Hub.Files[Weights], File.ReadAllBytes(fixture.Blob(Weights)));
        Assert.Empty(fixture.Clock.Waits);
    }

    [Fact]
    public async Task Stalled_connection_counts_as_dropped()
    {
        await using var fixture = new HubFixture();
        Storage(fixture, (number, reply) => number == 0 ? reply with { StallAfter = 5_000 } : null);
        await fixture.PullAsync(fixture.Options with { StallTimeout = TimeSpan.FromSeconds(1) });

        Assert.Equal([null, "bytes=5000-"], fixture.Hub.AsksFor(Weights).Select(ask => ask.Range));
        Assert.Equal(fixture.Hub.Files[Weights], File.ReadAllBytes(fixture.Blob(Weights)));
    }

    [Theory, InlineData(200), InlineData(206)]
    public async Task Answer_that_ignores_the_range_starts_the_file_over(int status)
    {
        await using var fixture = new HubFixture();
        Storage(fixture, (number, reply) => number == 0
            ? reply with { DropAfter = 1_000 }
            : new HttpReply(status, fixture.Hub.Files[Weights]) { Headers = { ["Content-Range"] = "bytes 0-49999/50000" } });
        await fixture.PullAsync();

        Assert.Equal([null, "bytes=1000-"], fixture.Hub.AsksFor(Weights).Select(ask => ask.Range));
        Assert.Equal(fixture.Hub.Files[Weights], File.ReadAllBytes(fixture.Blob(Weights)));
    }

    [Fact]
    public async Task Refused_range_starts_the_file_over()
    {
        await using var fixture = new HubFixture();
        Storage(fixture, (number, reply) => number switch { 0 => reply with { DropAfter = 1_000 }, 1 => new HttpReply(416, []), _ => null });
        await fixture.PullAsync();

        Assert.Equal([null, "bytes=1000-", null], fixture.Hub.AsksFor(Weights).Select(ask => ask.Range));
        Assert.Equal(fixture.Hub.Files[Weights], File.ReadAllBytes(fixture.Blob(Weights)));
    }

    [Theory, InlineData(Weights, "SHA-256"), InlineData("config.json", "git SHA-1")]
    public async Task Wrong_bytes_are_downloaded_anew_and_named_when_they_stay_wrong(string file, string hash)
    {
        await using var fixture = new HubFixture();
        var wrong = fixture.Hub.Files[file].ToArray();
        wrong[^1] ^= 1;
        var (served, times) = (0, 1);
        fixture.Hub.Fault = ask => Task.FromResult(IsContent(ask, file) && served++ < times ? new HttpReply(200, wrong) : null);
        await fixture.PullAsync();
        Assert.Equal(2, served);
        Assert.Equal(fixture.Hub.Files[file], File.ReadAllBytes(fixture.Blob(file)));

        File.Delete(fixture.Blob(file));
        (served, times) = (0, int.MaxValue);
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync());
        Assert.Equal(3, served);
        Assert.StartsWith($"some-lab/small-model: {file}: its {hash} is ", error.Message);
        Assert.Contains($"expected {fixture.Hub.ETag(file)}, in 3 downloads", error.Message);
        Assert.False(File.Exists(fixture.Blob(file)));
    }

    [Fact]
    public async Task Body_longer_than_the_file_is_refused()
    {
        await using var fixture = new HubFixture();
        Storage(fixture, (_, _) => new HttpReply(200, [.. fixture.Hub.Files[Weights], 1, 2, 3]));
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync());

        Assert.Contains("sends more than the 50000 bytes that the file has", error.Message);
        Assert.InRange(new FileInfo(fixture.Blob(Weights) + ".incomplete").Length, 0, 50_000);
    }

    [Fact]
    public async Task Body_shorter_than_the_file_is_refused()
    {
        await using var fixture = new HubFixture();
        Storage(fixture, (number, _) => new HttpReply(number == 0 ? 200 : 206, number == 0 ? fixture.Hub.Files[Weights][..700] : [])
        {
            Headers = { ["Content-Range"] = "bytes 700-49999/50000" },
        });
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync());

        Assert.Contains("the server stops after 700 of 50000 bytes (6 attempts in a row failed)", error.Message);
    }

    [Theory, InlineData(429), InlineData(500), InlineData(503), InlineData(408)]
    public async Task Busy_server_is_asked_again_after_the_wait_it_names(int status)
    {
        await using var fixture = new HubFixture();
        Storage(fixture, (number, _) => number == 0 ? new HttpReply(status, []) { Headers = { ["Retry-After"] = "7" } } : null);
        await fixture.PullAsync();

        Assert.Equal(TimeSpan.FromSeconds(7), Assert.Single(fixture.Clock.Waits));
        Assert.Equal(2, fixture.Hub.AsksFor(Weights).Count);
    }

    [Fact]
    public async Task Wait_given_as_a_date_is_kept()
    {
        await using var fixture = new HubFixture();
        var date = fixture.Clock.GetUtcNow().AddSeconds(90).ToString("r");
        Storage(fixture, (number, _) => number == 0 ? new HttpReply(503, []) { Headers = { ["Retry-After"] = date } } : null);
        await fixture.PullAsync();

        Assert.Equal(TimeSpan.FromSeconds(90), Assert.Single(fixture.Clock.Waits));
    }

    [Fact]
    public async Task Server_that_asks_for_too_long_a_wait_is_an_error()
    {
        await using var fixture = new HubFixture();
        Storage(fixture, (_, _) => new HttpReply(429, []) { Headers = { ["Retry-After"] = "86400" } });
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync());

        Assert.Equal("some-lab/small-model: model.safetensors: the server answers 429 and asks to come back in 86400 s", error.Message);
        Assert.Single(fixture.Hub.AsksFor(Weights));
    }

    internal static bool IsContent(HttpAsk ask, string file) =>
        ask.Target == $"/store/{file}"
        || (ask.Target == $"/{FakeHub.Model.Id}/resolve/{FakeHub.Commit}/{file}" && !file.EndsWith(".safetensors", StringComparison.Ordinal));

    // The honest reply and how many came before, to what is sent for the weights' bytes; null sends the honest reply.
    private static void Storage(HubFixture fixture, Func<int, HttpReply, HttpReply?> fault)
    {
        var number = 0;
        fixture.Hub.Fault = ask => Task.FromResult(IsContent(ask, Weights) ? fault(number++, fixture.Hub.Content(ask, Weights)) : null);
    }
}
