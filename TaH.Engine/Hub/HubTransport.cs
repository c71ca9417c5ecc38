using System.Net.Http.Headers;

namespace TaH.Engine;

/// <summary>GET requests to the hub: redirects followed by hand, so that the token reaches the hub's own address and no other.</summary>
internal sealed class HubTransport : IDisposable
{
    private const int MaxRedirects = 10;
    private readonly HubOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public HubTransport(HubOptions options, TimeProvider clock, SocketsHttpHandler handler)
    {
        (_options, _clock) = (options, clock);
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var version = typeof(HubTransport).Assembly.GetName().Version?.ToString(2);
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("tah-dotnet", version));
    }

    /// <summary>Asks for the bytes from <paramref name="start"/> on. The answer's body is unread, its status 200, 206 or 416.</summary>
    /// <param name="path">The part after the endpoint, escaped, with a slash in front.</param>
    /// <param name="start">The first byte wanted; 0 asks for the whole.</param>
    /// <param name="subject">The model, or the model and the file: the start of a message.</param>
    /// <param name="model">The model asked about, for the advice in messages.</param>
    /// <param name="cancel">Ends the request.</param>
    /// <exception cref="TransientHubException">Another try may help.</exception>
    /// <exception cref="HubException">It will not.</exception>
    public async Task<HttpResponseMessage> GetAsync(string path, long start, string subject, HubModelName model, CancellationToken cancel)
    {
        var address = new Uri(_options.Endpoint.AbsoluteUri.TrimEnd('/') + path);
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            var response = await SendAsync(address, start, cancel);
            if ((int)response.StatusCode is 200 or 206 or 416) return response;
            using (response)
            {
                if (!IsRedirect(response)) throw HubStatus.Explain(response, subject, model, _options, _clock);
                address = Next(address, response.Headers.Location!, subject);
            }
        }

        throw new HubException($"{subject}: {_options.Endpoint.Host} redirects more than {MaxRedirects} times");
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Uri address, long start, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (start > 0) request.Headers.Range = new RangeHeaderValue(start, null);
        if (_options.Token is { } token && IsHub(address)) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(_options.StallTimeout);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (HttpRequestException error)
        {
            throw new TransientHubException($"no answer from {address.Host}: {error.Message}", error) { IsUnreachable = IsUnreachable(error) };
        }
        catch (OperationCanceledException error) when (!cancel.IsCancellationRequested)
        {
            throw new TransientHubException($"no answer from {address.Host} in {_options.StallTimeout.TotalSeconds:0.#} s", error);
        }
    }

    // Scheme, host and port: the same host's other port may belong to somebody else.
    private bool IsHub(Uri address) =>
        Uri.Compare(address, _options.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.Headers.Location is not null && (int)response.StatusCode is 301 or 302 or 303 or 307 or 308;

    private static Uri Next(Uri from, Uri location, string subject)
    {
        var next = new Uri(from, location);
        return next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp)
            ? next
            : throw new HubException($"{subject}: {from.Host} redirects from {from.Scheme} to {next.Scheme}, which is not followed");
    }

    private static bool IsUnreachable(HttpRequestException error) => error.HttpRequestError
        is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
        or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
}
