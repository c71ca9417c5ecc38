using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>The problems of an evaluation, read before a model is loaded, so that what is wrong with them is said at once.</summary>
public sealed class EvaluationPlan
{
    private readonly IReadOnlyList<(EvaluationTask Task, string DataHash)> _tasks;

    private EvaluationPlan(
        EvaluationRequest request, IReadOnlyList<EvaluationProblem> problems, IReadOnlyList<(EvaluationTask Task, string DataHash)> tasks,
        IReadOnlyDictionary<string, ISampleGrader> graders) => (Request, Problems, _tasks, Graders) = (request, problems, tasks, graders);

    /// <summary>What was asked for.</summary>
    public EvaluationRequest Request { get; }

    /// <summary>The problems of all tasks, in order, without those of other shards.</summary>
    public IReadOnlyList<EvaluationProblem> Problems { get; }

    /// <summary>Who judges the answers of each task.</summary>
    internal IReadOnlyDictionary<string, ISampleGrader> Graders { get; }

    /// <summary>Samples in all.</summary>
    public int SampleCount => Problems.Count * Request.Samples;

    /// <summary>Reads the data of all tasks.</summary>
    /// <exception cref="UsageException">The request contradicts itself, or there is nobody to judge a task's answers.</exception>
    /// <exception cref="BadFileException">A data file is missing or malformed.</exception>
    public static EvaluationPlan Read(EvaluationRequest request)
    {
        request.Validate();
        var graders = request.Tasks.ToDictionary(task => task.Name, task => SampleGraders.Create(task, request.Unsafe), StringComparer.Ordinal);
        var (problems, tasks) = (new List<EvaluationProblem>(), new List<(EvaluationTask Task, string DataHash)>());
        foreach (var task in request.Tasks)
        {
            var path = TaskDataFile.Find(task, request.DataDirectory);
            problems.AddRange(ProblemReader.Read(task, path, request.Limit).Where(problem => request.Shard?.Has(problem.Number) != false));
            tasks.Add((task, HashOf(path)));
        }
        return new EvaluationPlan(request, problems, tasks, graders);
    }

    /// <summary>The same plan, once a model says who decides.</summary>
    /// <param name="policy">Who decides about further passes.</param>
    /// <param name="maxIter">Passes that a token may take.</param>
    public EvaluationPlan With(IterationPolicy policy, int maxIter) =>
        new(Request with { Policy = policy, MaxIter = maxIter }, Problems, _tasks, Graders);

    /// <summary>What a run must have in common with the one that it goes on from.</summary>
    internal JsonObject Settings(TahModel model)
    {
        var policy = Request.Policy ?? model.DefaultPolicy;
        return new JsonObject
        {
            ["model"] = new JsonObject
            {
                ["name"] = model.Name,
                ["fingerprint"] = model.Checkpoint is { } checkpoint ? ModelFingerprint.Of(checkpoint.Directory) : "",
            },
            ["policy"] = policy switch { LearnedPolicy => "decider", AlwaysPolicy => "always", NeverPolicy => "never", _ => policy.GetType().Name },
            ["threshold"] = policy is LearnedPolicy learned ? learned.Threshold : null,
            ["max_iter"] = Request.MaxIter ?? model.MaxIterFor(policy),
            ["samples"] = Request.Samples,
            ["seed"] = Request.Seed,
            ["limit"] = Request.Limit,
            ["shard"] = Request.Shard?.ToString(),
            ["keeps_tokens"] = Request.KeepsTokens,
            ["tasks"] = new JsonArray([.. _tasks.Select(pair => (JsonNode)Settings(pair.Task, pair.DataHash))]),
        };
    }

    private static JsonObject Settings(EvaluationTask task, string dataHash) => new()
    {
        ["name"] = task.Name,
        ["data_sha256"] = dataHash,
        ["prompt"] = task.Prompt.Text,
        ["prefill"] = task.Prefill,
        ["grader"] = task.Grader.Word(),
        ["thinking"] = task.Thinking,
        ["temperature"] = task.Sampling.Temperature,
        ["top_p"] = task.Sampling.TopP,
        ["top_k"] = task.Sampling.TopK,
        ["min_p"] = task.Sampling.MinP,
        ["max_new_tokens"] = task.MaxNewTokens,
    };

    private static string HashOf(string path)
    {
        using var stream = TaskRows.Open(path);
        return InputFile.Guard(path, () => Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
