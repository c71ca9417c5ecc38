using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>Sums by way of the host and plain connections: for CPUs and OpenCL devices.</summary>
/// <param name="device">Where the numbers are.</param>
/// <param name="links">To the other ranks; owned.</param>
internal sealed class TcpCommunicator(ComputeDevice device, RankLinks links) : ICommunicator
{
    private const int Piece = 1 << 18; // elements: 1 MiB on its way at a time

    private readonly LinkedSum _sum = new(links);

    public int Rank => links.Rank;

    public int WorldSize => links.WorldSize;

    public void Sum(Floats values)
    {
        if (WorldSize == 1) return;
        for (var start = 0L; start < values.Length; start += Piece)
        {
            var piece = new float[(int)Math.Min(Piece, values.Length - start)];
            var place = values.SubView(start, piece.Length);
            device.Download<float>(place, piece);
            _sum.Run<float>(piece);
            place.CopyFromCPU(device.Accelerator.DefaultStream, piece);
            device.Synchronize();
        }
    }

    public void Sum(double[] values) => _sum.Run<double>(values);

    public void Dispose() => links.Dispose();
}
