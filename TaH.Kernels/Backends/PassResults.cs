using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>What the host waits for in a pass: the decider's logits and the tokens that were drawn.</summary>
public sealed class PassResults : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly IntBuffer _memory;
    private readonly HostMailbox? _mailbox;
    private readonly int _capacity;

    /// <summary>Makes room.</summary>
    /// <param name="device">Where the passes run.</param>
    /// <param name="capacity">The most rows that want logits, and the most requests.</param>
    public PassResults(ComputeDevice device, int capacity)
    {
        (_device, _capacity) = (device, capacity);
        _memory = device.AllocateInts(2L * capacity);
        if (device.Accelerator is CudaAccelerator && PtxLoader.Serves(device)) _mailbox = new HostMailbox(device, capacity);
    }

    /// <summary>[head rows] of the pass: the decider's logits.</summary>
    public Floats Decisions => _memory.View.BaseView.SubView(0, _capacity).Cast<float>();

    /// <summary>[requests] of the pass: the tokens.</summary>
    public Ints Tokens => _memory.View.BaseView.SubView(_capacity, _capacity);

    /// <summary>
    /// Queues their way to the host, behind the operations that fill them. Part of a pass; nothing happens where there is nothing to bring.
    /// </summary>
    /// <param name="decisions">How many of the decisions.</param>
    /// <param name="tokens">How many of the tokens.</param>
    public void Send(int decisions, int tokens)
    {
        if (decisions + tokens > 0) _mailbox?.Send(_memory.View.BaseView, decisions, tokens);
    }

    /// <summary>Waits for what a pass has sent.</summary>
    /// <param name="decisions">As many as were sent, written.</param>
    /// <param name="tokens">As many as were sent, written.</param>
    public void Receive(Span<float> decisions, Span<int> tokens)
    {
        if (decisions.Length + tokens.Length == 0) return;
        if (_mailbox is not null)
        {
            _mailbox.Receive(MemoryMarshal.Cast<float, int>(decisions), tokens);
            return;
        }
        _device.Download(Decisions, decisions);
        _device.Download(Tokens, tokens);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mailbox?.Dispose();
        _memory.Dispose();
    }
}
