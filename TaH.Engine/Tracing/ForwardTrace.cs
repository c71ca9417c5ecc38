namespace TaH.Engine;

/// <summary>One TaH forward over a sequence with every intermediate kept: for those who study the model or port it.</summary>
public sealed class ForwardTrace
{
    internal ForwardTrace(IReadOnlyList<int> tokens, int maxIter, int vocab, int hidden)
    {
        (Tokens, Vocab, Hidden) = (tokens, vocab, hidden);
        Logits = new float[(long)tokens.Count * vocab];
        Iterations = new int[tokens.Count];
        DeciderLogits = [.. Enumerable.Range(0, maxIter).Select(_ => Enumerable.Repeat(float.NaN, tokens.Count).ToArray())];
    }

    /// <summary>[T] the sequence.</summary>
    public IReadOnlyList<int> Tokens { get; }

    /// <summary>[T, vocab] accumulated logits.</summary>
    public float[] Logits { get; }

    /// <summary>[T] passes that each token took.</summary>
    public int[] Iterations { get; }

    /// <summary>[max_iter][T] the decider's logits; NaN where it did not run, as after the last pass that a token may take.</summary>
    public IReadOnlyList<float[]> DeciderLogits { get; }

    /// <summary>What ran at each depth that any token reached.</summary>
    public IReadOnlyList<PassTrace> Passes { get; private set; } = [];

    /// <summary>Rows of the head.</summary>
    public int Vocab { get; }

    /// <summary>Width of the residual stream.</summary>
    public int Hidden { get; }

    /// <summary>Runs the model over a sequence.</summary>
    /// <exception cref="UsageException">The sequence or the settings contradict the model.</exception>
    public static ForwardTrace Run(TahModel model, TraceRequest request)
    {
        var options = new SessionOptions
        {
            KvType = request.KvType, MaxRows = request.MaxRows, Precision = request.Precision, MaxIter = request.MaxIter,
        };
        using var stage = new TraceStage(model, request, options);
        var shape = model.Weights.Shape;
        var trace = new ForwardTrace([.. request.Tokens], stage.MaxIter, shape.Vocab, shape.Hidden);
        stage.Run(trace);
        trace.Passes = stage.Passes;
        return trace;
    }

    /// <summary>Writes the trace as a safetensors file; an existing file is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BadFileException">It cannot be written.</exception>
    public void Save(string path)
    {
        var writer = new SafetensorsWriter();
        var (length, passes) = (Tokens.Count, Passes);
        writer.Add("input_ids", [.. Tokens], length);
        writer.Add("logits", Logits, length, Vocab);
        writer.Add("iter_count", Iterations, length);
        writer.Add("decider_logits", [.. DeciderLogits.SelectMany(depth => depth)], DeciderLogits.Count, length);
        for (var depth = 0; depth < passes.Count; depth++)
        {
            var (pass, rows) = (passes[depth], passes[depth].Positions.Count);
            writer.Add($"pass.{depth}.positions", [.. pass.Positions], rows);
            writer.Add($"pass.{depth}.raw_logits", [.. pass.RawLogits], rows, Vocab);
            writer.Add($"pass.{depth}.inputs", [.. pass.Hidden[0]], rows, Hidden);
            writer.Add($"pass.{depth}.hidden", [.. pass.Hidden.SelectMany(states => states)], pass.Hidden.Count, rows, Hidden);
        }
        writer.Save(path);
    }
}
