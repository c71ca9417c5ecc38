using System.Net;

namespace TaH.Engine;

/// <summary>What an HTTP status means to somebody who wants a model.</summary>
internal static class HubStatus
{
    /// <summary>The exception for a status that is neither success nor redirect.</summary>
    public static Exception Explain(HttpResponseMessage response, string subject, HubModelName model, HubOptions options, TimeProvider clock) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized when options.Token is null => new HubException(
            $"{subject}: the hub answers 401: there is no such model, or it is private or gated; set HF_TOKEN to the token of an account that may read {Page(model, options)}"),
        HttpStatusCode.Unauthorized => new HubException(
            $"{subject}: the hub answers 401: it does not accept the token (HF_TOKEN, or the one stored at login), or there is no model {Page(model, options)}"),
        HttpStatusCode.Forbidden => new HubException(
            $"{subject}: the hub answers 403: the model is gated; accept its terms at {Page(model, options)} and set HF_TOKEN to the token of that account"),
        HttpStatusCode.NotFound => new HubException($"{subject}: the hub answers 404: there is no model {model.Id} with the revision '{model.Revision}', or no such file in it"),
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new TransientHubException(
            $"the server answers {(int)response.StatusCode}") { RetryAfter = RetryAfter(response, clock) },
        _ => new HubException($"{subject}: the server answers {(int)response.StatusCode}, which a hub does not"),
    };

    private static string Page(HubModelName model, HubOptions options) => $"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/{model.Id}";

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider clock)
    {
        var asked = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - clock.GetUtcNow() : null;
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }
}
