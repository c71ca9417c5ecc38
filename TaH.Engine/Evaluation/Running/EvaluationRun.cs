namespace TaH.Engine;

/// <summary>Runs problems through a model, as many at a time as a batch has, and writes each sample as soon as it is judged.</summary>
/// <remarks>A run that was killed goes on where it was: what is in the file is not asked again, and every seed belongs to its sample.</remarks>
public static class EvaluationRun
{
    /// <summary>Runs what is missing of a plan.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">What to ask it.</param>
    /// <param name="progress">Hears how far it has come; null for nobody.</param>
    /// <param name="cancellation">Ends it; answers that were complete are kept.</param>
    /// <returns>What is in the run's file; fewer samples than planned where it was ended.</returns>
    /// <exception cref="UsageException">The directory holds a run with other settings, or a prompt does not fit the model.</exception>
    /// <exception cref="BadFileException">The directory cannot be used, or the disk is full; what was written stays.</exception>
    public static EvaluationResult Run(
        TahModel model, EvaluationPlan plan, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        var request = plan.Request;
        var prompts = new PromptTable(model, plan);
        using var mine = RunDirectory.Lock(request.Output);
        RunDirectory.Begin(request.Output, plan.Settings(model));
        List<EvaluationSample> done;
        int resumed;
        using (var file = new SampleFile(RunDirectory.SamplesOf(request.Output)))
        {
            done = SampleLines.Read(request.Output);
            resumed = done.Count;
            var missing = Missing(plan, done, request.Output);
            if (missing.Count > 0)
            {
                using var judging = new Judging(file, plan.Graders, progress, done.Count, plan.SampleCount);
                Generate(model, plan, prompts, missing, judging, cancellation);
                done.AddRange(judging.Finish());
            }
        }
        if (done.Count == plan.SampleCount) RunDirectory.WriteOrdered(request.Output, done, [.. request.Tasks.Select(task => task.Name)]);
        return new EvaluationResult(done, resumed);
    }

    private static void Generate(
        TahModel model, EvaluationPlan plan, PromptTable prompts, List<PlannedSample> missing, Judging judging, CancellationToken cancellation)
    {
        var request = plan.Request;
        var options = request.Session with
        {
            MaxSequences = Math.Min(request.Batch, missing.Count), ContextLimit = request.Session.ContextLimit ?? prompts.LongestContext,
        };
        using var session = model.OpenSession(options);
        var requests = missing.ConvertAll(sample => new GenerationRequest
        {
            Prompt = prompts[sample.Problem].Ids,
            MaxTokens = sample.Problem.Task.MaxNewTokens,
            Sampling = sample.Problem.Task.Sampling,
            Seed = sample.Seed,
            Policy = request.Policy,
            MaxIter = request.MaxIter,
        });
        foreach (var (number, completion, token) in session.StreamAll(requests, cancellation))
        {
            if (token is not null) judging.CountToken(number);
            else judging.Add(number, missing[number], prompts[missing[number].Problem], completion, request.KeepsTokens);
        }
    }

    private static List<PlannedSample> Missing(EvaluationPlan plan, List<EvaluationSample> done, string directory)
    {
        var planned = plan.Problems.SelectMany(problem => Enumerable.Range(0, plan.Request.Samples).Select(
            sample => new PlannedSample(problem, sample, SampleSeed.Of(plan.Request.Seed, problem.Task.Name, problem.Id, sample)))).ToList();
        var keys = planned.Select(sample => sample.Key).ToHashSet();
        if (done.FirstOrDefault(sample => !keys.Contains(sample.Key)) is { } stranger)
        {
            throw new BadFileException(
                RunDirectory.SamplesOf(directory), null,
                $"has sample {stranger.Sample} of {Words.Quoted(stranger.Id)}, task {Words.Quoted(stranger.Task)}, which this run does not ask for");
        }
        var there = done.Select(sample => sample.Key).ToHashSet();
        return [.. planned.Where(sample => !there.Contains(sample.Key))];
    }
}
