using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace TaH.Engine;

/// <summary>Judges finished answers beside the generation of others, and writes them down.</summary>
internal sealed class Judging(
    SampleFile file, IReadOnlyDictionary<string, ISampleGrader> graders, IProgress<EvaluationProgress>? progress, int resumed, int total) : IDisposable
{
    // Running programs takes seconds; more at a time than this would slow each other down.
    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly List<Task> _work = [];
    private readonly ConcurrentQueue<EvaluationSample> _samples = [];
    private readonly HashSet<int> _inFlight = [];
    private volatile Exception? _failure;
    private long _tokens;
    private int _fair;

    /// <summary>Counts a token of an answer in flight.</summary>
    public void CountToken(int request)
    {
        _tokens++;
        if (_inFlight.Add(request) || _tokens % 64 == 0) Report();
    }

    /// <summary>Takes a finished answer.</summary>
    /// <exception cref="BadFileException">An earlier one could not be written.</exception>
    public void Add(int request, PlannedSample planned, EncodedPrompt prompt, Completion completion, bool keepsTokens)
    {
        _inFlight.Remove(request);
        ThrowFailure();
        if (completion.FinishReason is null or FinishReason.Interrupted) return;
        var unjudged = SampleOf(planned, prompt, completion, keepsTokens);
        _work.Add(Task.Run(() => Judge(planned.Problem, unjudged)));
        if (_work.Count % 256 == 0) _work.RemoveAll(work => work.IsCompletedSuccessfully);
        Report();
    }

    /// <summary>Waits for all verdicts.</summary>
    /// <returns>The samples that were written.</returns>
    /// <exception cref="BadFileException">One could not be written.</exception>
    public IReadOnlyCollection<EvaluationSample> Finish()
    {
        Task.WaitAll(_work);
        ThrowFailure();
        Report();
        return _samples;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Task.WaitAll(_work);
        _places.Dispose();
    }

    private void Judge(EvaluationProblem problem, EvaluationSample sample)
    {
        _places.Wait();
        try
        {
            if (_failure is not null) return;
            var verdict = graders[sample.Task].Grade(problem, sample.Answer);
            sample = sample with
            {
                Official = verdict.Official, Fair = verdict.Fair, Extracted = verdict.Extracted, FairExtracted = verdict.FairExtracted,
            };
            file.Add(sample);
            _samples.Enqueue(sample);
            if (sample.Fair) Interlocked.Increment(ref _fair);
        }
        catch (Exception error)
        {
            // Thrown by the thread that generates; the first one says what is wrong.
            _failure ??= error;
        }
        finally
        {
            _places.Release();
        }
    }

    private void ThrowFailure()
    {
        if (_failure is { } failure) ExceptionDispatchInfo.Throw(failure);
    }

    private void Report() => progress?.Report(
        new EvaluationProgress(resumed + _samples.Count, total, resumed, Volatile.Read(ref _fair), _tokens, _inFlight.Count));

    private static EvaluationSample SampleOf(PlannedSample planned, EncodedPrompt prompt, Completion completion, bool keepsTokens) => new()
    {
        Task = planned.Problem.Task.Name,
        Id = planned.Problem.Id,
        Number = planned.Problem.Number,
        Sample = planned.Sample,
        Seed = planned.Seed,
        Prompt = prompt.Text,
        PromptTokens = prompt.Ids.Length,
        Gold = planned.Problem.Gold,
        Answer = completion.Text ?? "",
        Tokens = [.. completion.Tokens.Select(token => token.Id)],
        Iterations = [.. completion.Tokens.Select(token => token.Iterations)],
        FinishReason = completion.FinishReason == TaH.Engine.FinishReason.Stop ? "stop" : "length",
        Official = false,
        Fair = false,
        Extracted = null,
        FairExtracted = null,
        Seconds = Math.Round(completion.Timings.Total.TotalSeconds, 3),
        TokenTexts = keepsTokens ? [.. completion.Tokens.Select(token => token.Text)] : null,
        ContinueProbabilities = keepsTokens && completion.Tokens.Any(token => token.ContinueProbability is not null)
            ? [.. completion.Tokens.Select(token => token.ContinueProbability is { } share ? Math.Round(share, 4) : (double?)null)]
            : null,
    };
}
