using System.Net;

namespace TaH.Engine;

/// <summary>What an HTTP status means to somebody who wants a model.</summary>
internal static class HubStatus
{
    /// <summary>The exception for a status that is neither success nor redirect.</summary>
    public static Exception Explain(HttpResponseMessage response, string subject, HubModelName model, HubOptions options, TimeProvider clock)
    {
        var (status, page) = (response.StatusCode, $"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/{model.Id}");
        if (status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
            return new TransientHubException($"the server answers {(int)status}") { RetryAfter = RetryAfter(response, clock) };

        // The hub answers 401, not 404, to a stranger who asks for a model that is not there.
        var meaning = status switch
        {
            HttpStatusCode.Unauthorized when options.Token is null =>
                $"there is no such model, or it is private or gated; set HF_TOKEN to the token of an account that may read {page}",
            HttpStatusCode.Unauthorized => $"it does not accept the token (HF_TOKEN, or the one stored at login), or there is no model {page}",
            HttpStatusCode.Forbidden => $"the model is gated; accept its terms at {page} and set HF_TOKEN to the token of that account",
            HttpStatusCode.NotFound => $"there is no model {model.Id} with the revision '{model.Revision}', or no such file in it",
            _ => "which no hub does; is HF_ENDPOINT right?",
        };
        return new HubException($"{subject}: the hub answers {(int)status}: {meaning}");
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider clock)
    {
        var asked = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - clock.GetUtcNow() : null;
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }
}
