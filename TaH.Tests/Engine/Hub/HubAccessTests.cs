namespace TaH.Tests;

/// <summary>Tokens, redirects and what the hub refuses.</summary>
public sealed class HubAccessTests
{
    private const string Token = "hf_0123456789secret";

    [Fact]
    public async Task Token_goes_to_the_hub_and_not_to_the_host_it_redirects_to()
    {
        await using var fixture = new HubFixture();
        await fixture.PullAsync(fixture.Options with { Token = Token });

        Assert.All(fixture.Hub.HubAsks, ask => Assert.Equal($"Bearer {Token}", ask.Authorization));
        Assert.NotEmpty(fixture.Hub.StorageAsks);
        Assert.All(fixture.Hub.StorageAsks, ask => Assert.Null(ask.Authorization));
    }

    // A renamed model: the hub answers with a path on itself, where a private model still needs the token.
    [Fact]
    public async Task Token_stays_on_a_redirect_within_the_hub()
    {
        await using var fixture = new HubFixture();
        var number = 0;
        fixture.Hub.Fault = ask => Task.FromResult(number++ == 0 ? new HttpReply(307, []) { Headers = { ["Location"] = ask.Target } } : null);
        await fixture.PullAsync(fixture.Options with { Token = Token });

        var listings = fixture.Hub.HubAsks.Where(ask => ask.Target.StartsWith("/api/", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, listings.Count);
        Assert.All(listings, ask => Assert.Equal($"Bearer {Token}", ask.Authorization));
    }

    [Fact]
    public async Task Without_a_token_none_is_sent()
    {
        await using var fixture = new HubFixture();
        await fixture.PullAsync();
        Assert.All(fixture.Hub.HubAsks, ask => Assert.Null(ask.Authorization));
    }

    [Fact]
    public async Task Endless_redirects_end()
    {
        await using var fixture = new HubFixture();
        fixture.Hub.Fault = ask => Task.FromResult<HttpReply?>(new HttpReply(302, []) { Headers = { ["Location"] = ask.Target } });
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync());
        Assert.Equal("some-lab/small-model: 127.0.0.1 redirects more than 10 times", error.Message);
    }

    [Fact]
    public async Task Redirect_to_another_scheme_is_not_followed()
    {
        await using var fixture = new HubFixture();
        fixture.Hub.Fault = _ => Task.FromResult<HttpReply?>(new HttpReply(302, []) { Headers = { ["Location"] = "file:///etc/passwd" } });
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync());
        Assert.Equal("some-lab/small-model: 127.0.0.1 redirects from http to file, which is not followed", error.Message);
    }

    [Theory]
    [InlineData(401, null, "set HF_TOKEN")]
    [InlineData(401, Token, "does not accept the token")]
    [InlineData(403, Token, "the model is gated; accept its terms at")]
    [InlineData(404, null, "there is no model some-lab/small-model with the revision 'main'")]
    [InlineData(418, null, "answers 418")]
    public async Task Refusal_says_what_to_do_and_is_not_tried_again(int status, string? token, string says)
    {
        await using var fixture = new HubFixture();
        fixture.Hub.Fault = _ => Task.FromResult<HttpReply?>(new HttpReply(status, []));
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync(fixture.Options with { Token = token }));

        Assert.StartsWith("some-lab/small-model: ", error.Message);
        Assert.Contains(says, error.Message);
        Assert.DoesNotContain(Token, error.Message);
        Assert.Single(fixture.Hub.HubAsks);
        Assert.False(Directory.Exists(fixture.ModelFolder));
    }

    // The hub lists a gated model to anybody; only its files are refused.
    [Fact]
    public async Task Gated_file_names_the_file()
    {
        await using var fixture = new HubFixture();
        fixture.Hub.Fault = ask => Task.FromResult(ask.Target.EndsWith("/model.safetensors", StringComparison.Ordinal)
            ? new HttpReply(403, [])
            : null);
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync());
        Assert.StartsWith("some-lab/small-model: model.safetensors: the hub answers 403: the model is gated", error.Message);
        Assert.False(File.Exists(fixture.MainRef));
    }

    [Fact]
    public async Task Offline_asks_nothing()
    {
        await using var fixture = new HubFixture();
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync(fixture.Options with { Offline = true }));
        Assert.Equal("some-lab/small-model: cannot be pulled, since HF_HUB_OFFLINE is set", error.Message);
        Assert.Empty(fixture.Hub.HubAsks);
    }

    [Fact]
    public async Task No_network_is_said_at_once()
    {
        await using var fixture = new HubFixture();
        var gone = new LoopbackServer(_ => throw new InvalidOperationException("nobody should ask"));
        var address = gone.Address;
        await gone.DisposeAsync();
        var error = await Assert.ThrowsAsync<HubException>(() => fixture.PullAsync(fixture.Options with { Endpoint = address }));
        Assert.Contains("HF_ENDPOINT", error.Message);
        Assert.Empty(fixture.Clock.Waits);
    }
}
