using CommandLine.Text;

namespace TaH.Cli;

[Verb("generate", HelpText = "Answer a prompt, each token in the colour of the passes it took.")]
internal sealed class GenerateVerb : AnsweringVerb
{
    private const int AnswersAtATime = 16;

    [Value(0, MetaName = "PROMPT", HelpText = "What to ask. Without any prompt it is read from standard input; where there is none, "
        + "the shipped model gets an example.")]
    public IEnumerable<string> Words { get; init; } = [];

    [Option('p', "prompt", MetaValue = "TEXT", HelpText = "The prompt as an option, instead of the argument.")]
    public string? PromptText { get; init; }

    [Option('f', "prompt-file", MetaValue = "FILE", HelpText = "Read the prompt from a file; - is standard input (also --file).")]
    [AlsoNamed("file")]
    public string? PromptFile { get; init; }

    [Option("prompts-file", MetaValue = "FILE", HelpText = "Answer many prompts as one batch: one a line, or one JSON string a line "
        + "in a .jsonl file.")]
    public string? PromptsFile { get; init; }

    [Option("raw", MetaValue = "TEXT", HelpText = "Go on with this text as it is, without the chat format.")]
    public string? Raw { get; init; }

    [Option("ids", MetaValue = "5,17,3", HelpText = "Go on with these token ids, without the chat format.")]
    public string? Ids { get; init; }

    [Option("parallel", MetaValue = "N", HelpText = "Answers of --prompts-file that run at a time. Without it: 16.")]
    public int? Parallel { get; init; }

    [Option("report", MetaValue = "FILE", HelpText = "Write a page to this file, with every token as a heat map of its passes; any browser shows it.")]
    public string? ReportFile { get; init; }

    [Option("json", HelpText = "Print one JSON object (one a line with --prompts-file) and nothing else on standard output.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Ask the model that comes with the program", new GenerateVerb { Words = [PromptReader.Example] }),
        new("Ask another one, greedily", new GenerateVerb { Words = ["Why is it dark?"], Model = "nics-efc/TaH-plus-1.7B", Temperature = 0 }),
        new("Let every token take all passes", new GenerateVerb { Words = [PromptReader.Example], Policy = "always" }),
        new("Answer a file of prompts as one batch, for a script", new GenerateVerb { PromptsFile = "prompts.txt", Json = true }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        if (Parallel is not null && PromptsFile is null)
            throw new UsageException("--parallel is about the prompts of --prompts-file, and there is none");
        var prompts = new PromptReader(terminal, new ChatOptions(SystemPrompt, ThinkingIsOn, SystemPrompt is not null || Think is not null))
        {
            Words = Words,
            Text = PromptText,
            PromptFile = PromptFile,
            PromptsFile = PromptsFile,
            Raw = Raw,
            Ids = Ids,
            MayUseExample = Model is null,
        }.Read();
        using var loaded = Load(terminal);
        using var session = OpenSession(loaded, Math.Min(Parallel ?? AnswersAtATime, prompts.Count));
        var requests = prompts.Select(prompt => RequestFor(loaded, prompt.Encode(loaded.Model))).ToList();
        Explain(terminal, $"tokens: {SamplingWords.Of(requests[0])}");
        using var work = terminal.Interrupts.Begin();
        var answers = PromptsFile is null
            ? StreamOne(terminal, loaded, session, requests[0], work.Token)
            : PrintAll(terminal, loaded, session, prompts, requests, work.Token);
        if (ReportFile is not null) Report(terminal, loaded, requests, answers);
        if (!Json) terminal.Remark(AnswerSummary.Of(answers).InWords(loaded.Model.Device.Info));
        Explain(terminal, $"KV grid: {session.Grid.ByteCount / 1e6:N1} MB");
        ExplainKernels(terminal, loaded);
        return work.IsInterrupted ? ExitCode.Interrupted : ExitCode.Success;
    }

    /// <inheritdoc/>
    protected override void Validate()
    {
        base.Validate();
        if (ReportFile is not null) OutputFile.Check("--report", ReportFile);
        if (Parallel is { } answers) new SessionOptions { MaxSequences = answers }.Validate();
    }

    private void Report(Terminal terminal, LoadedModel loaded, List<GenerationRequest> requests, List<Completion> answers)
    {
        OutputFile.Write(ReportFile!, AnswerPage.Of(loaded, [.. requests.Zip(answers)]));
        terminal.Remark($"{ReportFile}: open it in a browser");
    }

    private List<Completion> StreamOne(
        Terminal terminal, LoadedModel loaded, Session session, GenerationRequest request, CancellationToken cancellation)
    {
        var completion = session.Start(request);
        if (Json)
        {
            foreach (var _ in session.Stream(completion, cancellation)) { }
            terminal.WriteLine(AnswerJson.Of(loaded, request, completion));
        }
        else
        {
            var writer = new AnswerWriter(terminal);
            writer.WriteLegend(loaded.MaxIter);
            foreach (var token in session.Stream(completion, cancellation)) writer.Write(token);
            writer.End(completion);
        }
        return [completion];
    }

    /// <summary>Before the first answer, not in the midst of them.</summary>
    private static void RefuseLongPrompts(List<GenerationRequest> requests, int limit)
    {
        var tooLong = requests.FindIndex(request => request.Prompt.Count > limit);
        if (tooLong < 0) return;
        FormattableString fact = $"prompt {tooLong + 1} has {requests[tooLong].Prompt.Count:N0} tokens; the context holds {limit:N0}";
        throw new UsageException(FormattableString.Invariant(fact));
    }

    /// <summary>Answers appear in the order of their prompts, each when it and those before it are complete.</summary>
    private List<Completion> PrintAll(
        Terminal terminal, LoadedModel loaded, Session session, IReadOnlyList<Prompt> prompts, List<GenerationRequest> requests,
        CancellationToken cancellation)
    {
        RefuseLongPrompts(requests, session.Grid.ContextLimit);
        var writer = new AnswerWriter(terminal);
        if (!Json) writer.WriteLegend(loaded.MaxIter);
        var begun = new SortedDictionary<int, Completion>();
        var printed = 0;
        foreach (var (number, completion, _) in session.StreamAll(requests, cancellation))
        {
            begun[number] = completion;
            while (begun.TryGetValue(printed, out var next) && next.FinishReason is not null) Print(printed++, next);
        }
        // After Ctrl-C: what was begun and not finished.
        foreach (var (number, completion) in begun.Where(answer => answer.Key >= printed)) Print(number, completion);
        return [.. begun.Values];

        void Print(int number, Completion completion)
        {
            if (Json) terminal.WriteLine(AnswerJson.Of(loaded, requests[number], completion));
            else writer.WriteWhole(FormattableString.Invariant($"[{number + 1}/{prompts.Count}] {prompts[number].Title}"), completion);
        }
    }
}
