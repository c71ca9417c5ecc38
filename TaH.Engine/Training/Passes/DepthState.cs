namespace TaH.Engine;

/// <summary>What one depth of a micro-batch hands to the next one, and to the backward pass.</summary>
internal sealed class DepthState(ComputeDevice device) : IDisposable
{
    /// <summary>[rows, hidden]: the residual stream, behind the last layer after the pass.</summary>
    public Scratch X { get; } = new(device);

    /// <summary>[rows, hidden] behind the final norm.</summary>
    public Scratch Normed { get; } = new(device);

    /// <summary>[rows, hidden]: the gradient of that.</summary>
    public Scratch NormedGradient { get; } = new(device);

    /// <summary>[rows, hidden]: the gradient of the residual stream.</summary>
    public Scratch XGradient { get; } = new(device);

    /// <summary>[rows that go on, vocab]: their accumulated logits; from the next pass on, the gradient of these.</summary>
    public Scratch Accumulated { get; } = new(device);

    /// <summary>[rows that go on, topK]: the largest accumulated logits.</summary>
    public Scratch TopValues { get; } = new(device);

    /// <summary>[rows that go on, topK]: what each is mixed with.</summary>
    public Scratch Probabilities { get; } = new(device);

    /// <summary>[rows that go on, topK]: their tokens.</summary>
    public IntBuffer? TopTokens { get; private set; }

    /// <summary>The pass of the micro-batch in hand.</summary>
    public DepthPass Pass { get; private set; } = null!;

    /// <summary>Rows of the pass that go on, by their number in it.</summary>
    public int[] Continuing { get; set; } = [];

    /// <summary>Takes the pass of a new micro-batch; the device has finished with the one before.</summary>
    public void Begin(DepthPass pass)
    {
        Pass?.Dispose();
        Pass = pass;
    }

    /// <summary>Room for tokens.</summary>
    public ILGPU.ArrayView<int> Tokens(long length)
    {
        if (TopTokens is null || TopTokens.Length < length)
        {
            device.Synchronize();
            TopTokens?.Dispose();
            TopTokens = device.AllocateInts(length);
        }
        return TopTokens.View.BaseView.SubView(0, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var room in new[] { X, Normed, NormedGradient, XGradient, Accumulated, TopValues, Probabilities }) room.Dispose();
        TopTokens?.Dispose();
        Pass?.Dispose();
    }
}
