using System.Reflection;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// CUDA: eight elements a thread. A soft embedding is spread over groups by slices of its row; in a group every part takes its share of the tokens
/// that are mixed, four of them on their way at a time, and sums of weights and of weighted elements meet at the end.
/// </summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
internal sealed class EmbeddingCudaOctets(ComputeDevice device)
{
    private const int GroupSize = 256;
    private const int OctetsOfSlice = 8;
    private const int Parts = GroupSize / OctetsOfSlice;
    private const int Warps = GroupSize / MatVec.WarpSize;

    // Of one octet in one warp: eight sums of elements, and the sum of weights.
    private const int Sums = MatVecTask.Octet + 1;

    private readonly Dictionary<ElementType, Action<AcceleratorStream, KernelConfig, ulong, Ints, Floats, EmbeddingShape, int>> _copies = [];
    private readonly Dictionary<ElementType, Action<AcceleratorStream, KernelConfig, ulong, Ints, Floats, Ints, Floats, EmbeddingShape, int>>
        _mixes = [];

    /// <summary>Whether rows of the embedding and of x are whole octets at multiples of 16 bytes.</summary>
    public static bool Takes(WeightMatrix embedding, Floats x) =>
        embedding.Columns % MatVecTask.Octet == 0 && x.LoadEffectiveAddressAsPtr() % Word16.Bytes == 0;

    public void Run(WeightMatrix embedding, RowTable rows, LogitsState logits, Floats x, EmbeddingShape shape)
    {
        var (stream, octets) = (device.Accelerator.DefaultStream, shape.Hidden / MatVecTask.Octet);
        if (rows.DeepFrom > 0)
        {
            if (!_copies.TryGetValue(embedding.Type, out var copy))
            {
                _copies[embedding.Type] = copy = Load(CopyMethod(embedding.Type))
                    .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong, Ints, Floats, EmbeddingShape, int>>();
            }
            var groups = (((long)rows.DeepFrom * octets) + GroupSize - 1) / GroupSize;
            copy(stream, (checked((int)groups), GroupSize), embedding.Address, rows.Tokens, x, shape, rows.DeepFrom);
        }
        if (rows.DeepCount == 0) return;
        if (!_mixes.TryGetValue(embedding.Type, out var mix))
        {
            _mixes[embedding.Type] = mix = Load(MixMethod(embedding.Type))
                .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong, Ints, Floats, Ints, Floats, EmbeddingShape, int>>();
        }
        var slices = (octets + OctetsOfSlice - 1) / OctetsOfSlice;
        mix(stream, (rows.DeepCount * slices, GroupSize), embedding.Address, rows.Slots, logits.TopValues, logits.TopTokens, x, shape, rows.DeepFrom);
    }

    /// <summary>The kernel for rows of depth 0.</summary>
    internal static MethodInfo CopyMethod(ElementType type) => type switch
    {
        ElementType.F32 => ((Action<ulong, Ints, Floats, EmbeddingShape, int>)Copy<SingleOctet, SingleOctets>).Method,
        ElementType.F16 => ((Action<ulong, Ints, Floats, EmbeddingShape, int>)Copy<Word16, HalfOctets>).Method,
        _ => ((Action<ulong, Ints, Floats, EmbeddingShape, int>)Copy<Word16, Bfloat16Octets>).Method,
    };

    /// <summary>The kernel for deeper rows.</summary>
    internal static MethodInfo MixMethod(ElementType type) => type switch
    {
        ElementType.F32 => ((Action<ulong, Ints, Floats, Ints, Floats, EmbeddingShape, int>)Mix<SingleOctet, SingleOctets>).Method,
        ElementType.F16 => ((Action<ulong, Ints, Floats, Ints, Floats, EmbeddingShape, int>)Mix<Word16, HalfOctets>).Method,
        _ => ((Action<ulong, Ints, Floats, Ints, Floats, EmbeddingShape, int>)Mix<Word16, Bfloat16Octets>).Method,
    };

    private Kernel Load(MethodInfo method) => PtxLoader.Load(device, method, new KernelSpecialization(GroupSize, null));

    private static void Copy<TOctet, TFormat>(ulong embedding, Ints tokens, Floats x, EmbeddingShape shape, int rows)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet>
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        int index = (Grid.IdxX * GroupSize) + Group.IdxX, octets = shape.Hidden / MatVecTask.Octet;
        if (index >= rows * octets) return;
        var row = index / octets;
        var values = Octet<TOctet, TFormat>(embedding, tokens[row], index % octets, octets);
        Store(default(TFormat).Low(values), default(TFormat).High(values), x, ((long)row * shape.Hidden) + (index % octets * MatVecTask.Octet));
    }

    private static void Mix<TOctet, TFormat>(
        ulong embedding, Ints slots, Floats topValues, Ints topTokens, Floats x, EmbeddingShape shape, int firstRow)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet>
    {
        var shared = SharedMemory.Allocate<float>(Warps * OctetsOfSlice * Sums);
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        int octets = shape.Hidden / MatVecTask.Octet, slices = (octets + OctetsOfSlice - 1) / OctetsOfSlice;
        int row = firstRow + (Grid.IdxX / slices), lane = Group.IdxX % OctetsOfSlice, octet = (Grid.IdxX % slices * OctetsOfSlice) + lane;
        var top = (long)slots[row] * shape.TopK;
        var largest = topValues[top]; // they are sorted
        Quad low = default, high = default;
        var total = 0f;
        for (var first = Group.IdxX / OctetsOfSlice; first < shape.SoftTopK; first += 4 * Parts)
        {
            int last = shape.SoftTopK - 1, second = first + Parts, third = first + (2 * Parts), fourth = first + (3 * Parts);
            int at1 = IntrinsicMath.Min(second, last), at2 = IntrinsicMath.Min(third, last), at3 = IntrinsicMath.Min(fourth, last);
            var octet0 = Octet<TOctet, TFormat>(embedding, topTokens[top + first], octet, octets);
            var octet1 = Octet<TOctet, TFormat>(embedding, topTokens[top + at1], octet, octets);
            var octet2 = Octet<TOctet, TFormat>(embedding, topTokens[top + at2], octet, octets);
            var octet3 = Octet<TOctet, TFormat>(embedding, topTokens[top + at3], octet, octets);
            var weight0 = XMath.Exp(topValues[top + first] - largest);
            var weight1 = second <= last ? XMath.Exp(topValues[top + at1] - largest) : 0f;
            var weight2 = third <= last ? XMath.Exp(topValues[top + at2] - largest) : 0f;
            var weight3 = fourth <= last ? XMath.Exp(topValues[top + at3] - largest) : 0f;
            total += weight0 + weight1 + (weight2 + weight3);
            low = default(TFormat).Low(octet1).TimesPlus(weight1, default(TFormat).Low(octet0).TimesPlus(weight0, low));
            low = default(TFormat).Low(octet3).TimesPlus(weight3, default(TFormat).Low(octet2).TimesPlus(weight2, low));
            high = default(TFormat).High(octet1).TimesPlus(weight1, default(TFormat).High(octet0).TimesPlus(weight0, high));
            high = default(TFormat).High(octet3).TimesPlus(weight3, default(TFormat).High(octet2).TimesPlus(weight2, high));
        }
        low = OverWarp(low);
        high = OverWarp(high);
        total = OverWarp(total);
        var place = ((Group.IdxX / MatVec.WarpSize * OctetsOfSlice) + lane) * Sums;
        if (Group.IdxX % MatVec.WarpSize < OctetsOfSlice)
        {
            Write(shared, place, low);
            Write(shared, place + 4, high);
            shared[place + MatVecTask.Octet] = total;
        }
        Group.Barrier();
        var element = (Grid.IdxX % slices * OctetsOfSlice * MatVecTask.Octet) + Group.IdxX;
        if (Group.IdxX >= OctetsOfSlice * MatVecTask.Octet || element >= shape.Hidden) return;
        float sum = 0, weights = 0;
        for (var warp = 0; warp < Warps; warp++)
        {
            var sums = ((warp * OctetsOfSlice) + (Group.IdxX / MatVecTask.Octet)) * Sums;
            sum += shared[sums + (Group.IdxX % MatVecTask.Octet)];
            weights += shared[sums + MatVecTask.Octet];
        }
        x[((long)row * shape.Hidden) + element] = sum / weights;
    }

    private static TOctet Octet<TOctet, TFormat>(ulong embedding, int token, int octet, int octets)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet>
    {
        var bytes = (ulong)(MatVecTask.Octet * default(TFormat).ElementBytes);
        return default(TFormat).Load(embedding + ((((ulong)token * (ulong)octets) + (ulong)octet) * bytes), octet, octets);
    }

    /// <summary>The sum over a warp's threads that have the same octet.</summary>
    private static float OverWarp(float value)
    {
        value += Warp.ShuffleXor(value, OctetsOfSlice);
        return value + Warp.ShuffleXor(value, 2 * OctetsOfSlice);
    }

    private static Quad OverWarp(Quad four) => new(OverWarp(four.A), OverWarp(four.B), OverWarp(four.C), OverWarp(four.D));

    private static void Write(Floats target, int at, Quad four)
    {
        target[at] = four.A;
        target[at + 1] = four.B;
        target[at + 2] = four.C;
        target[at + 3] = four.D;
    }

    private static void Store(Quad low, Quad high, Floats x, long at)
    {
        PtxInstructions.StoreQuad(PtxInstructions.AddressOf(ref x[at]), low);
        PtxInstructions.StoreQuad(PtxInstructions.AddressOf(ref x[at + 4]), high);
    }
}
