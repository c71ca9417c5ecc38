using Polly;
using Polly.Retry;

namespace TaH.Engine;

/// <summary>Tries again after transient failures, waiting as long as the server asks or exponentially longer with jitter.</summary>
internal sealed class HubRetry
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1), LongestBackoff = TimeSpan.FromSeconds(30);
    private readonly HubOptions _options;
    private readonly ResiliencePipeline _pipeline;

    public HubRetry(HubOptions options, TimeProvider clock)
    {
        _options = options;
        var builder = new ResiliencePipelineBuilder { TimeProvider = clock };
        if (options.Attempts > 1) builder.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<TransientHubException>(),
            MaxRetryAttempts = options.Attempts - 1,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = FirstWait,
            MaxDelay = LongestBackoff,
            DelayGenerator = retry => ValueTask.FromResult((retry.Outcome.Exception as TransientHubException)?.RetryAfter),
        });
        _pipeline = builder.Build();
    }

    /// <param name="subject">The model, or the model and the file: the start of the message.</param>
    /// <param name="attempt">One try.</param>
    /// <param name="cancel">Ends the tries and the waits between them.</param>
    /// <exception cref="HubException">All tries failed, or the server asks for a longer wait than the options allow.</exception>
    public async Task<T> RunAsync<T>(string subject, Func<CancellationToken, Task<T>> attempt, CancellationToken cancel)
    {
        try
        {
            return await _pipeline.ExecuteAsync(async token => await PatientlyAsync(subject, attempt, token), cancel);
        }
        catch (TransientHubException error)
        {
            throw new HubException($"{subject}: {error.Message} ({_options.Attempts} attempts in a row failed)", error);
        }
    }

    private async Task<T> PatientlyAsync<T>(string subject, Func<CancellationToken, Task<T>> attempt, CancellationToken cancel)
    {
        try
        {
            return await attempt(cancel);
        }
        catch (TransientHubException error) when (error.RetryAfter > _options.LongestWait)
        {
            throw new HubException($"{subject}: {error.Message} and asks to come back in {error.RetryAfter.Value.TotalSeconds:0} s", error);
        }
    }
}
