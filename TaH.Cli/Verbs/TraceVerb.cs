using CommandLine.Text;

namespace TaH.Cli;

[Verb("trace", HelpText = "Write every intermediate of a forward pass to a safetensors file.")]
internal sealed class TraceVerb : ModelVerb
{
    // The index that losses of PyTorch ignore; IterLabelDecider takes it for one pass.
    private const int Unlabelled = -100;

    [Value(0, MetaName = "PROMPT", HelpText = "A question in the chat format.")]
    public IEnumerable<string> Words { get; init; } = [];

    [Option("raw", MetaValue = "TEXT", HelpText = "This text as it is, without the chat format.")]
    public string? Raw { get; init; }

    [Option("ids", MetaValue = "5,17,3", HelpText = "These token ids, without the chat format.")]
    public string? Ids { get; init; }

    [Option("labels", MetaValue = "1,2,1", HelpText = "Passes of each token, as an oracle knows them: one number a token, in the decider's place. "
        + "-100 stands for one pass, as in labels for training.")]
    public string? Labels { get; init; }

    [Option('o', "out", MetaValue = "FILE", HelpText = "The file to write. It holds input_ids, logits, iter_count, decider_logits and, "
        + "per pass k, pass.k.positions, .raw_logits, .inputs, .hidden.")]
    public string? Out { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Trace a question", new TraceVerb { Words = [PromptReader.Example], Out = "trace.safetensors" }),
        new("Trace token ids with two passes for each", new TraceVerb { Ids = "538,277,198", Policy = "always", Out = "trace.safetensors" }),
        new("Trace token ids, the second of which takes two passes",
            new TraceVerb { Ids = "538,277,198", Labels = "1,2,1", Out = "trace.safetensors" }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        if (Out is null) throw new UsageException("--out is missing: the safetensors file to write");
        if (!Words.Any() && Raw is null && Ids is null)
            throw new UsageException("there is nothing to trace; give PROMPT, --raw TEXT or --ids 5,17,3");
        OutputFile.Check("--out", Out);
        var chat = new ChatOptions(System: null, Think: true, AreGiven: false);
        var prompt = new PromptReader(terminal, chat) { Words = Words, Raw = Raw, Ids = Ids }.Read()[0];
        using var loaded = Load(terminal);
        var tokens = prompt.Encode(loaded.Model);
        if (Labels is not null) CheckLabels(ReadLabels(Labels), tokens.Length, loaded.MaxIter);
        var request = new TraceRequest { Tokens = tokens, Policy = loaded.Policy, MaxIter = MaxIter, KvType = SelectedKvType() };
        RefuseFileOfModel(Out, loaded.Model);
        var trace = ForwardTrace.Run(loaded.Model, UBatchSize is { } rows ? request with { MaxRows = rows } : request);
        trace.Save(Out);
        var average = trace.Iterations.Average();
        var (count, passes) = (Plural.Of(trace.Tokens.Count, "token"), Plural.Of(trace.Passes.Count, "pass"));
        FormattableString summary = $"{Out}: {count}, {passes}, {average:F2} iterations a token";
        terminal.Remark(FormattableString.Invariant(summary));
        return ExitCode.Success;
    }

    /// <inheritdoc/>
    protected override IterationPolicy? SelectedPolicy()
    {
        if (Labels is null) return base.SelectedPolicy();
        if (Policy is not null || Threshold is not null)
        {
            var other = Policy is null ? "threshold" : "policy";
            throw new UsageException($"--labels says which tokens take another pass, and --{other} lets something else decide; give one");
        }
        return new LabelPolicy(ReadLabels(Labels));
    }

    private static IReadOnlyList<int> ReadLabels(string text) =>
        NumberList.Parse<int>("--labels", text, "the passes of each token with commas between them, as in 1,2,1");

    private static void CheckLabels(IReadOnlyList<int> labels, int tokens, int maxIter)
    {
        if (labels.Count != tokens)
            throw new UsageException($"--labels has {Plural.Of(labels.Count, "number")}, "
                + $"and the prompt has {Plural.Of(tokens, "token")}; give one for each");
        for (var place = 0; place < labels.Count; place++)
        {
            if (labels[place] is not Unlabelled && (labels[place] < 1 || labels[place] > maxIter))
                throw new UsageException($"--labels: {labels[place]} at place {place} is not a number of passes from 1 to {maxIter} (--max-iter)");
        }
    }

    private static void RefuseFileOfModel(string path, TahModel model)
    {
        if (!File.Exists(path)) return;
        var target = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        if (model.Checkpoint is { } checkpoint && target.FullName.StartsWith(Path.GetFullPath(checkpoint.Directory) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new UsageException($"--out {path} would replace a file of the model; name another");
    }
}
