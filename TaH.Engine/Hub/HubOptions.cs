using System.Text;

namespace TaH.Engine;

/// <summary>Where models come from, where they are kept, and how patient a download is.</summary>
public sealed record HubOptions
{
    /// <summary>The hub's address, http or https, without a slash at its end. Files may come from other hosts that it redirects to.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The access token for private and gated models, or null. It is sent to <see cref="Endpoint"/> only and printed nowhere.</summary>
    public string? Token { get; init; }

    /// <summary>The cache, shared with Hugging Face's own tools: <c>models--owner--name</c> folders are in it.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>Ask the network for nothing: what is not in the cache is an error.</summary>
    public bool Offline { get; init; }

    /// <summary>How many files are downloaded at a time, at least 1.</summary>
    public int ParallelFiles { get; init; } = 4;

    /// <summary>How many requests in a row may fail before a download is given up, at least 1.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>A connection that brings no byte for so long counts as dropped.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A busy server may ask for a wait up to this long; one that asks for more is an error.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Reads the variables of Hugging Face's tools: HF_ENDPOINT, HF_TOKEN (or the file that <c>hf auth login</c> writes), HF_HUB_CACHE, HF_HOME,
    /// XDG_CACHE_HOME, HF_HUB_OFFLINE.
    /// </summary>
    /// <exception cref="UsageException">HF_ENDPOINT is not an address, or the token holds characters that no token has.</exception>
    /// <remarks>Source: huggingface_hub, constants.py and utils/_auth.py.</remarks>
    public static HubOptions FromEnvironment() => new HubEnvironment(Environment.GetEnvironmentVariable).Read();

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Endpoint = {Endpoint}, Token = {(Token is null ? "none" : "given")}, CacheDirectory = {CacheDirectory}, Offline = {Offline}");
        return true;
    }
}
