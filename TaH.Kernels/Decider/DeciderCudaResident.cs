using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>A decider prepared for <see cref="DeciderResident"/>: its products in order, the cells in between, and the launch.</summary>
internal sealed class DeciderCudaResident : IDisposable
{
    /// <summary>The most rows of a launch: with more, panels of x would end between the slices of a weight row.</summary>
    public const int MaxRows = 4;

    private const int MaxSlices = 8;

    private readonly ComputeDevice _device;
    private readonly DeciderModel _model;
    private readonly DeciderFold _fold;
    private readonly MemoryBuffer1D<ulong, Stride1D.Dense> _cells;
    private readonly MemoryBuffer1D<uint, Stride1D.Dense> _launches;
    private readonly Dictionary<int, (MemoryBuffer1D<DeciderPhase, Stride1D.Dense> Phases, Launch Run)> _prepared = [];
    private readonly int _features;
    private readonly int _groupSize;

    /// <summary>Folds the first products and makes room for what is between the others.</summary>
    /// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
    /// <param name="model">A decider that <see cref="Takes"/> says yes to.</param>
    /// <param name="features">Elements of all hidden states of a row together.</param>
    public DeciderCudaResident(ComputeDevice device, DeciderModel model, int features)
    {
        (_device, _model, _features) = (device, model, features);
        _groupSize = Math.Min(DeciderResident.MaxGroupSize, device.Accelerator.MaxNumThreadsPerGroup); // simulated warps come in groups of eight
        _fold = new DeciderFold(device, model, features);
        _cells = device.Accelerator.Allocate1D<ulong>(MaxRows * (_fold.Outer + model.Blocks.Sum(CellsOf)));
        _launches = device.Accelerator.Allocate1D<uint>(1);
        _cells.MemSetToZero(device.Accelerator.DefaultStream);
        _launches.MemSetToZero(device.Accelerator.DefaultStream);
    }

    private delegate void Launch(
        AcceleratorStream stream, KernelConfig config, DeciderStates states, ArrayView<DeciderPhase> phases, Keys launches,
        Floats decisions, int rows,
        int count);

    /// <summary>Bytes of weights.</summary>
    public long WeightBytes => sizeof(float) * (((long)_fold.Inner * _fold.Outer) + _model.Output.Weight.Length
        + _model.Blocks.Sum(block => block.Expand.Weight.Length + block.Contract.Weight.Length + (block.DimChange?.Weight.Length ?? 0)));

    /// <summary>The kernel for a count of rows that it is compiled for.</summary>
    internal static MethodInfo Method(int compiledRows) => compiledRows switch
    {
        1 => ((Action<DeciderStates, ArrayView<DeciderPhase>, Keys, Floats, int, int>)DeciderResident.Run<OneRow>).Method,
        2 => ((Action<DeciderStates, ArrayView<DeciderPhase>, Keys, Floats, int, int>)DeciderResident.Run<Twice<OneRow>>).Method,
        _ => ((Action<DeciderStates, ArrayView<DeciderPhase>, Keys, Floats, int, int>)DeciderResident.Run<Twice<Twice<OneRow>>>).Method,
    };

    /// <summary>
    /// Whether a decider can be served: few hidden states and no norm of them, layers of whole octets, LayerNorms that fit in shared memory.
    /// </summary>
    public static bool Takes(DeciderModel model, int features, IReadOnlyList<Floats> hidden)
    {
        if (model.NormalizeInput || hidden.Count > DeciderStates.Most || features % (4 * hidden.Count) != 0) return false;
        foreach (var state in hidden)
            if (AddressOf(state) % Word16.Bytes != 0) return false;
        return Fits(model.OutputNorm) && model.Blocks.All(block => Fits(block.Norm) && block.Contract.Weight.Columns % MatVecTask.Octet == 0);
    }

    /// <summary>The decisions of some head rows.</summary>
    /// <param name="hidden">The hidden states, each [rows, width], at multiples of 16 bytes.</param>
    /// <param name="rowOf">[head rows] the row of the pass that each head row is.</param>
    /// <param name="slotOf">[rows] the logits slot of each row of the pass.</param>
    /// <param name="topValues">[slots, keptTopK].</param>
    /// <param name="keptTopK">How many top logits each slot holds.</param>
    /// <param name="rows">Head rows: 1 to <see cref="MaxRows"/>.</param>
    /// <param name="decisions">[rows], written.</param>
    public void Run(IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int keptTopK, int rows, Floats decisions)
    {
        var compiledRows = rows switch { 1 => 1, 2 => 2, _ => MaxRows };
        if (!_prepared.TryGetValue(compiledRows, out var prepared)) _prepared[compiledRows] = prepared = Prepare(compiledRows);
        ulong State(int i) => i < hidden.Count ? (ulong)hidden[i].LoadEffectiveAddressAsPtr() : 0;
        var states = new DeciderStates(
            rowOf, slotOf, topValues, keptTopK, _model.TopK, _features / hidden.Count, hidden.Count,
            State(0), State(1), State(2), State(3), State(4), State(5));
        prepared.Run(
            _device.Accelerator.DefaultStream, (_device.Accelerator.NumMultiprocessors, _groupSize), states, prepared.Phases.View.BaseView,
            _launches.View.BaseView, decisions, rows, (int)prepared.Phases.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (phases, _) in _prepared.Values) phases.Dispose();
        _launches.Dispose();
        _cells.Dispose();
        _fold.Dispose();
    }

    private static bool Fits(DeciderNorm norm) =>
        norm.Weight.Length % MatVecTask.Octet == 0 && norm.Weight.Length <= MatVecTask.Octet * PanelOctets(MaxRows, MaxSlices * MatVec.WarpSize);

    /// <summary>Octets of each of some rows that fit in shared memory, whole turns of the warps that share a pair.</summary>
    private static int PanelOctets(int rows, int turn) => DeciderResident.PanelCapacity / (MatVecTask.Octet * rows) / turn * turn;

    private static int CellsOf(DeciderBlock block) => block.Expand.Weight.Rows + (block.DimChange?.Weight.Rows ?? 0) + block.Contract.Weight.Rows;

    private static ulong AddressOf(Floats view) => (ulong)view.LoadEffectiveAddressAsPtr();

    private (MemoryBuffer1D<DeciderPhase, Stride1D.Dense> Phases, Launch Run) Prepare(int compiledRows)
    {
        var phases = Phases(compiledRows).ToArray();
        var buffer = _device.Accelerator.Allocate1D<DeciderPhase>(phases.Length);
        buffer.View.BaseView.CopyFromCPU(_device.Accelerator.DefaultStream, phases);
        _device.Synchronize();
        return (buffer, PtxLoader.Load(_device, Method(compiledRows), new KernelSpecialization(_groupSize, 1)).CreateLauncherDelegate<Launch>());
    }

    private IEnumerable<DeciderPhase> Phases(int compiledRows)
    {
        var cells = (ulong)_cells.NativePtr;
        ulong Take(int width)
        {
            var start = cells;
            cells += (ulong)(MaxRows * width * sizeof(ulong));
            return start;
        }
        var x = Take(_fold.Outer);
        yield return Cut(new DeciderPhase(
            AddressOf(_fold.Weight), AddressOf(_fold.Bias), 0, 0, Source: 0, Residual: 0, x, _fold.Inner, _fold.Outer, 0, 0, Gelu: 0), compiledRows);
        foreach (var block in _model.Blocks)
        {
            ulong expanded = Take(block.Expand.Weight.Rows), shortcut = x;
            yield return Cut(Phase(block.Expand, block.Norm, x, residual: 0, expanded, gelu: true), compiledRows);
            if (block.DimChange is { } change)
            {
                shortcut = Take(change.Weight.Rows);
                yield return Cut(Phase(change, norm: null, x, residual: 0, shortcut, gelu: false), compiledRows);
            }
            x = Take(block.Contract.Weight.Rows);
            yield return Cut(Phase(block.Contract, norm: null, expanded, shortcut, x, gelu: false), compiledRows);
        }
        yield return Cut(Phase(_model.Output, _model.OutputNorm, x, residual: 0, target: 0, gelu: false), compiledRows);
    }

    private static DeciderPhase Phase(DeciderLinear layer, DeciderNorm? norm, ulong source, ulong residual, ulong target, bool gelu) => new(
        layer.Weight.Address, AddressOf(layer.Bias.View),
        norm is null ? 0 : AddressOf(norm.Weight.View), norm is null ? 0 : AddressOf(norm.Bias.View),
        source, residual, target, layer.Weight.Columns, layer.Weight.Rows, 0, 0, gelu ? 1 : 0);

    /// <summary>Shares each pair of weight rows among as many warps as there are to spare, and cuts x where each of them ends a turn.</summary>
    private DeciderPhase Cut(DeciderPhase phase, int compiledRows)
    {
        var warps = _groupSize / MatVec.WarpSize;
        var slices = 1;
        while (slices < Math.Min(MaxSlices, warps) && 2L * slices * phase.Pairs <= (long)warps * _device.Accelerator.NumMultiprocessors
            && phase.Octets >= 2 * slices * MatVec.WarpSize) slices *= 2;
        return phase with { Slices = slices, PanelOctets = Math.Min(phase.Octets, PanelOctets(compiledRows, slices * MatVec.WarpSize)) };
    }
}
