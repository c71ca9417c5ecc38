namespace TaH.Cli;

/// <summary>A checkpoint's summary as a table for people.</summary>
internal static class CheckpointTable
{
    /// <summary>The table.</summary>
    public static Table Of(CheckpointSummary summary)
    {
        var table = new Table().NoBorder().HideHeaders().AddColumns("part", "facts");
        // Names of modules and of the directory are whatever their makers wrote.
        foreach (var (part, facts) in Rows(summary)) table.AddRow(new Text(part, new Style(Color.Blue)), new Text(VisibleText.Of(facts)));
        return table;
    }

    private static IEnumerable<(string Part, string Facts)> Rows(CheckpointSummary summary)
    {
        yield return ("directory", summary.Directory);
        yield return ("kind", Kind(summary.Tah));
        yield return ("model", Layers(summary.Config));
        yield return ("vocabulary", Vocabulary(summary.Config, summary.HasTokenizer));
        yield return ("context", FormattableString.Invariant($"{summary.Config.MaxPositions:N0} positions, rope_theta {summary.Config.RopeTheta}"));
        yield return ("weights", Weights(summary));
        yield return ("", Parts(summary.Parameters));
        if (summary.Lora is { } lora) yield return ("LoRA", Adapter(lora, summary));
        if (summary.Tah is { } tah) yield return ("decider", Decider(tah, summary));
        if (summary.Tah is { } passes && Ablations(passes) is { Count: > 0 } left) yield return ("ablations", string.Join("; ", left));
        if (summary.Decider is { } decider) yield return ("threshold", Threshold(decider));
        yield return ("KV grid", Grid(summary));
        yield return ("sampling", Sampling(summary.Generation));
    }

    private static string Kind(TahConfig? tah) =>
        tah is null ? "plain Qwen3" : $"TaH, up to {Plural.Of(tah.MaxIter, "pass")}, soft embedding of the top {tah.SoftEmbeddingTopK}";

    private static List<string> Ablations(TahConfig tah)
    {
        var left = new List<string>();
        if (tah.Attention == AttentionScope.OwnDepth) left.Add("a row sees its own depth alone");
        if (tah.Attention == AttentionScope.FirstDepth) left.Add("a row sees depth 0 alone");
        if (!tah.AddsLogits) left.Add("logits do not add up");
        if (!tah.HasLora) left.Add("deeper passes have no updates");
        return left;
    }

    private static string Layers(Qwen3Config config) =>
        $"{config.LayerCount} layers, hidden {config.HiddenSize}, ffn {config.IntermediateSize}, "
        + $"heads {config.HeadCount}, KV heads {config.KvHeadCount}, head_dim {config.HeadDim}";

    private static string Vocabulary(Qwen3Config config, bool hasTokenizer)
    {
        var head = config.TieWordEmbeddings ? "embedding and head tied" : "a head of its own";
        return FormattableString.Invariant($"{config.VocabSize:N0} tokens, {head}, {(hasTokenizer ? "with" : "no")} tokenizer.json");
    }

    private static string Weights(CheckpointSummary summary)
    {
        var files = summary.ShardCount == 1 ? "1 file" : $"{summary.ShardCount} files";
        return $"{Size.Count(summary.Parameters.Base)} parameters in {TypeName(summary.WeightType)}, {Size.Of(summary.WeightBytes)}, {files}";
    }

    private static string Parts(ParameterCounts parameters) =>
        $"embedding {Size.Count(parameters.Embedding)}, head {Size.Count(parameters.Head)}, attention {Size.Count(parameters.Attention)}, "
        + $"feed-forward {Size.Count(parameters.FeedForward)}, norms {Size.Count(parameters.Norms)}";

    private static string Adapter(LoraConfig lora, CheckpointSummary summary) =>
        FormattableString.Invariant($"rank {lora.Rank}, alpha {lora.Alpha} (scale {lora.Scale}), ")
        + $"{Size.Count(summary.Parameters.Lora)} parameters, {Size.Of(summary.LoraBytes)}, on {string.Join(", ", lora.TargetModules)}";

    private static string Decider(TahConfig tah, CheckpointSummary summary) => summary.Decider is { } decider
        ? $"{Size.Count(summary.Parameters.Decider)} parameters, {Size.Of(summary.DeciderBytes)}; "
            + $"reads the top {decider.TopK} logits and hidden states {string.Join(", ", decider.HiddenLayers)}"
        : $"{tah.IterDecider}, which has no parameters";

    private static string Threshold(DeciderConfig decider) =>
        FormattableString.Invariant($"{(double)decider.EffectiveThreshold} in force ({decider.Threshold} as {TypeName(decider.Type)})");

    private static string Grid(CheckpointSummary summary) =>
        $"{Size.Of(summary.KvBytesPerPosition(sizeof(float)))} a position and pass in f32, {Size.Of(summary.KvBytesPerPosition(2))} in bf16 or f16";

    private static string Sampling(GenerationConfig generation)
    {
        var end = generation.EosTokenIds.IsEmpty ? "no end-of-text token" : $"ends with token {string.Join(" or ", generation.EosTokenIds)}";
        if (generation.DoSample != true) return $"greedy; {end}";
        FormattableString settings =
            $"temperature {generation.Temperature}, top-k {generation.TopK}, top-p {generation.TopP}, min-p {generation.MinP ?? 0}; {end}";
        return FormattableString.Invariant(settings);
    }

    private static string TypeName(TensorType type) => type.ToString().ToLowerInvariant();
}
