using System.Diagnostics;
using TaH.Kernels;

namespace TaH.Cli;

/// <summary>A verb that runs a model: which one, where, and who decides about further passes.</summary>
internal abstract class ModelVerb : Verb
{
    [Option('m', "model", MetaValue = "DIR", HelpText = "Checkpoint directory, or a name on the Hugging Face hub that was pulled before, as in "
        + "nics-efc/TaH-plus-1.7B. Without it: the small model that comes with the program.")]
    public string? Model { get; init; }

    [Option("device", MetaValue = "DEVICE", HelpText = "auto, cpu, opencl[:i] or cuda[:i]; tah devices lists them. "
        + "auto, as without it: CUDA, else an OpenCL GPU, else the CPU.")]
    public string? Device { get; init; }

    [Option("kernels", MetaValue = "WHICH", HelpText = "On CUDA, whose kernels to run: hopper, ampere, turing, portable, or auto (without it): "
        + "the card's own. Older ones show what an older card would do; tah devices lists what a card runs. An error on other devices.")]
    public string? Kernels { get; init; }

    [Option("policy", MetaValue = "WHO", HelpText = "Who decides which tokens take another pass: decider (the trained one), never, or always.")]
    public string? Policy { get; init; }

    [Option("threshold", MetaValue = "X", HelpText = "The decider's probability above which a token takes another pass, 0 to 1. "
        + "Without it: the checkpoint's.")]
    public float? Threshold { get; init; }

    [Option("max-iter", MetaValue = "N", HelpText = "Passes that a token may take. Without it: the checkpoint's.")]
    public int? MaxIter { get; init; }

    [Option("kv-type", MetaValue = "TYPE", HelpText = "How keys and values are stored: f32, bf16, f16, or auto (without it): "
        + "on a GPU the weights' type if it has 16 bits, else f32.")]
    public string? KvType { get; init; }

    [Option("ubatch-size", MetaValue = "N", HelpText = "Rows of the largest pass; a longer prompt is prefilled in chunks. Without it: 2,048 "
        + "on CUDA, 512 on the CPU, else 64.")]
    public int? UBatchSize { get; init; }

    /// <summary>Loads the model and says on stderr what it runs on.</summary>
    protected LoadedModel Load(Terminal terminal)
    {
        var (device, kernels, policy) = (DeviceOption.Parse(Device), SelectedKernels(), SelectedPolicy());
        Validate();
        var (path, open) = Source(terminal);
        var start = Stopwatch.GetTimestamp();
        var model = open(new ModelOptions { Device = device, Kernels = kernels });
        var loadTime = Stopwatch.GetElapsedTime(start);
        policy ??= PolicyOf(model);
        var loaded = new LoadedModel(model, path, policy, MaxIter ?? model.MaxIterFor(policy), loadTime);
        terminal.Remark($"device: {model.Device.Info.Selector} ({model.Device.Info.Name}{(kernels is null ? "" : $", {Kernels} kernels")})");
        Explain(terminal, $"model: {(model.IsTah ? "TaH" : "plain Qwen3")} in {path}");
        Explain(terminal, $"weights: {Size.Of(model.WeightBytes)} in {loaded.WeightType}, loaded in {loadTime.TotalMilliseconds:N0} ms");
        if (model.LoadTimings is { } took) Explain(terminal, InWords(took));
        Explain(terminal, $"passes: at most {loaded.MaxIter}, {loaded.PolicyInWords}");
        return loaded;
    }

    /// <summary>Says, if asked to say more, where the kernels came from and what was wrong with those that were kept.</summary>
    protected void ExplainKernels(Terminal terminal, LoadedModel loaded)
    {
        var report = loaded.Model.Device.KernelReport;
        var place = report.Directory is null ? "none are kept" : $"kept in {report.Directory}";
        Explain(terminal, $"kernels: {report.Kept} kept, {report.Compiled} compiled, in {report.Time.TotalMilliseconds:N0} ms; {place}");
        foreach (var fault in report.Faults) Explain(terminal, $"kernels: {fault}");
    }

    /// <summary>What messages call the model, and how it comes to be.</summary>
    protected virtual (string Path, Func<ModelOptions, TahModel> Open) Source(Terminal terminal)
    {
        var directory = ModelPath.Find(Model, terminal);
        return (directory, options => TahModel.Load(directory, options));
    }

    /// <summary>Refuses, before a model is loaded, what no model allows.</summary>
    /// <exception cref="UsageException">A number is out of its range.</exception>
    protected virtual void Validate()
    {
        if (Threshold is { } threshold) _ = new LearnedPolicy(threshold);
        WithSettings(new SessionOptions()).Validate();
    }

    /// <summary>The options of a session with the verb's settings in their place.</summary>
    internal virtual SessionOptions WithSettings(SessionOptions options) =>
        options with { KvType = SelectedKvType(), MaxIter = MaxIter, MaxRows = UBatchSize ?? options.MaxRows };

    /// <summary>How keys and values are stored.</summary>
    /// <returns>Null for what the engine says.</returns>
    protected ElementType? SelectedKvType() => Choice.Of<ElementType?>(
        "--kv-type", KvType ?? "auto", ("auto", null), ("f32", ElementType.F32), ("bf16", ElementType.Bf16), ("f16", ElementType.F16));

    private static FormattableString InWords(LoadTimings took)
    {
        var (files, tokenizer) = (took.Files.TotalMilliseconds, took.Tokenizer.TotalMilliseconds);
        var (device, weights) = (took.Device.TotalMilliseconds, took.Weights.TotalMilliseconds);
        return $"loading: files {files:N0} ms, tokenizer {tokenizer:N0} ms beside device {device:N0} ms, weights {weights:N0} ms";
    }

    private CudaGeneration? SelectedKernels() => Choice.Of<CudaGeneration?>(
        "--kernels", Kernels ?? "auto", ("auto", null), ("hopper", CudaGeneration.Hopper), ("ampere", CudaGeneration.Ampere),
        ("turing", CudaGeneration.Turing), ("portable", CudaGeneration.None));

    /// <summary>The policy that the options name; null where the decider is meant.</summary>
    protected virtual IterationPolicy? SelectedPolicy()
    {
        var named = Policy is null ? null : Choice.Of<Func<IterationPolicy?>>("--policy", Policy,
            ("decider", () => null), ("never", () => new NeverPolicy()), ("always", () => new AlwaysPolicy()))();
        if (Threshold is not null && named is not null)
            throw new UsageException($"--threshold is the decider's, and --policy {Policy} does not ask it; leave one of them out");
        return named;
    }

    private IterationPolicy PolicyOf(TahModel model) => Threshold is { } threshold ? model.DeciderAt(threshold)
        : Policy is null || model.DefaultPolicy.NeedsDecider ? model.DefaultPolicy
        : throw new UsageException($"{model.Name} has no trained decider; --policy is never or always for it");
}
