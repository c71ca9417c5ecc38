using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>A decider prepared for <see cref="DeciderSpread"/>, and the launch.</summary>
internal sealed class DeciderCudaSpread : IDisposable
{
    private const int GroupsOfMultiprocessor = 2;

    private readonly ComputeDevice _device;
    private readonly int _topK;
    private readonly DeciderFold _fold;
    private readonly DeciderSpreadModel _model;
    private readonly int _groups;
    private readonly MemoryBuffer1D<uint, Stride1D.Dense> _launches;
    private readonly MemoryBuffer1D<ulong, Stride1D.Dense> _inboxes;
    private readonly Lazy<Action<AcceleratorStream, KernelConfig, DeciderStates, DeciderSpreadTask>> _kernel;

    private DeciderCudaSpread(ComputeDevice device, DeciderModel model, int features, IReadOnlyList<(ushort[], ushort[])> weights)
    {
        (_device, _topK, _groups) = (device, model.TopK, GroupsOf(model));
        _fold = new DeciderFold(device, model, features);
        _model = new DeciderSpreadModel(device, model, weights, _groups);
        var stream = device.Accelerator.DefaultStream;
        _launches = device.Accelerator.Allocate1D<uint>(2);
        _launches.View.BaseView.CopyFromCPU(stream, new uint[] { 1, 0 });
        _inboxes = device.Accelerator.Allocate1D<ulong>(_model.Cells);
        _inboxes.MemSetToZero(stream);
        _kernel = new(() => PtxLoader.Load(device, Method, Residency)
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, DeciderStates, DeciderSpreadTask>>());
        device.Synchronize();
    }

    /// <summary>Bytes of weights.</summary>
    public long WeightBytes => (sizeof(float) * (long)_fold.Inner * _fold.Outer) + _model.WeightBytes;

    /// <summary>Elements of weights.</summary>
    public long WeightCount => ((long)_fold.Inner * _fold.Outer) + _model.WeightCount;

    /// <summary>The kernel.</summary>
    internal static MethodInfo Method { get; } = ((Action<DeciderStates, DeciderSpreadTask>)DeciderSpread.Run).Method;

    /// <summary>Threads of a group, and groups that a multiprocessor shall hold.</summary>
    internal static KernelSpecialization Residency => new(DeciderSpread.GroupSize, GroupsOfMultiprocessor);

    /// <summary>
    /// Prepares a decider, if it can be served: few hidden states and no norm of them, all blocks of the width of x, weights that are bf16 without
    /// loss, and groups that all run at a time.
    /// </summary>
    /// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
    /// <param name="model">The decider.</param>
    /// <param name="features">Elements of all hidden states of a row together.</param>
    /// <param name="hidden">The hidden states.</param>
    public static DeciderCudaSpread? Create(ComputeDevice device, DeciderModel model, int features, IReadOnlyList<Floats> hidden)
    {
        if (!Takes(device, model, features, hidden)) return null;
        var weights = new List<(ushort[], ushort[])>();
        foreach (var block in model.Blocks)
        {
            if (DeciderBackbone.Narrow(device, block.Expand.Weight) is not { } into) return null;
            if (DeciderBackbone.Narrow(device, block.Contract.Weight) is not { } outOf) return null;
            weights.Add((into, outOf));
        }
        return new DeciderCudaSpread(device, model, features, weights);
    }

    /// <summary>The decision of one head row; as <see cref="DeciderCudaResident.Run"/>.</summary>
    /// <param name="hidden">The hidden states, each [rows, width]: complete before the kernel in front of this launch let it start.</param>
    /// <param name="rowOf">[1] the row of the pass that the head row is; there before the pass.</param>
    /// <param name="slotOf">[rows] the logits slot of each row of the pass; likewise.</param>
    /// <param name="topValues">[slots, keptTopK].</param>
    /// <param name="keptTopK">How many top logits each slot holds.</param>
    /// <param name="decision">[1], written.</param>
    public void Run(IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int keptTopK, Floats decision)
    {
        var states = DeciderStates.Of(hidden, rowOf, slotOf, topValues, keptTopK, _topK, _fold.Features);
        var task = _model.Task(_fold, (ulong)_inboxes.NativePtr, (ulong)_launches.NativePtr, decision);
        _kernel.Value(_device.Accelerator.DefaultStream, (_groups, DeciderSpread.GroupSize), states, task);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inboxes.Dispose();
        _launches.Dispose();
        _model.Dispose();
        _fold.Dispose();
    }

    private static int GroupsOf(DeciderModel model) => model.Blocks
        .Select(block => (block.Expand.Weight.Rows + DeciderSpread.Features - 1) / DeciderSpread.Features)
        .Append((int)model.OutputNorm.Weight.Length / DeciderSpread.Owned).Max();

    private static bool Takes(ComputeDevice device, DeciderModel model, int features, IReadOnlyList<Floats> hidden)
    {
        var width = model.Input.Weight.Rows;
        if (model.NormalizeInput || hidden.Count > DeciderStates.Most || model.TopK > DeciderSpread.GroupSize) return false;
        if (features % (4 * hidden.Count) != 0 || !DeciderStates.StartAtWords(hidden)) return false;
        if (width > DeciderSpread.MaxWidth || width % MatVecTask.Octet != 0 || model.Blocks.Count is 0 or > DeciderSpread.MaxBlocks) return false;
        if (GroupsOf(model) > Math.Min(device.Accelerator.NumMultiprocessors, DeciderSpread.GroupSize)) return false;
        return model.Blocks.All(block =>
            block.DimChange is null && block.Contract.Weight.Rows == width && block.Expand.Weight.Rows % MatVecTask.Octet == 0);
    }
}
