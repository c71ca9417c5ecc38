using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>A decider prepared for <see cref="DeciderResident"/>: its products in order, the cells in between, and the launch.</summary>
internal sealed class DeciderCudaResident : IDisposable
{
    /// <summary>The most rows together: with more, panels of x would end between the slices of a weight row.</summary>
    public const int MaxRows = 4;

    private const int GroupsOfMultiprocessor = 2;

    private readonly ComputeDevice _device;
    private readonly DeciderModel _model;
    private readonly DeciderFold _fold;
    private readonly DeciderBackbone _backbone;
    private readonly MemoryBuffer1D<uint, Stride1D.Dense> _launches;
    private readonly Dictionary<(int Rows, bool Many), DeciderPrepared> _prepared = [];
    private readonly Dictionary<int, Action<AcceleratorStream, KernelConfig, DeciderStates, DeciderTask>> _kernels = [];
    private readonly int _features;
    private readonly int _maxRows;

    /// <summary>Folds the first products and makes room for what is between the others.</summary>
    /// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
    /// <param name="model">A decider that <see cref="Takes"/> says yes to.</param>
    /// <param name="features">Elements of all hidden states of a row together.</param>
    /// <param name="maxRows">Head rows of the largest launch.</param>
    public DeciderCudaResident(ComputeDevice device, DeciderModel model, int features, int maxRows)
    {
        (_device, _model, _features, _maxRows) = (device, model, features, maxRows);
        _fold = new DeciderFold(device, model, features);
        _backbone = new DeciderBackbone(device, model);
        _launches = device.Accelerator.Allocate1D<uint>(2);
        _launches.MemSetToZero(device.Accelerator.DefaultStream);
    }

    /// <summary>Bytes of weights.</summary>
    public long WeightBytes => (sizeof(float) * (long)_fold.Inner * _fold.Outer) + _backbone.WeightBytes;

    /// <summary>Elements of weights.</summary>
    public long WeightCount => ((long)_fold.Inner * _fold.Outer) + _backbone.WeightCount;

    /// <summary>Threads of a group, and groups that a multiprocessor shall hold.</summary>
    internal static KernelSpecialization Residency => new(DeciderResident.GroupSize, GroupsOfMultiprocessor);

    private static int CompiledRows(int rows) => rows switch { 1 => 1, 2 => 2, _ => MaxRows };

    /// <summary>The kernel for a count of rows that it is compiled for, and a type of weights.</summary>
    internal static MethodInfo Method(int compiledRows, ElementType type) => type == ElementType.F32
        ? Method<SingleOctet, DeciderSingles>(compiledRows) : Method<Word16, DeciderBfloat16>(compiledRows);

    /// <summary>
    /// Whether a decider can be served: few hidden states and no norm of them, layers of whole octets, LayerNorms that fit in shared memory.
    /// </summary>
    public static bool Takes(DeciderModel model, int features, IReadOnlyList<Floats> hidden)
    {
        if (model.NormalizeInput || hidden.Count > DeciderStates.Most) return false;
        if (features % (4 * hidden.Count) != 0 || features % MatVecTask.Octet != 0) return false;
        return DeciderStates.StartAtWords(hidden) && DeciderPlan.Takes(model, MaxRows);
    }

    /// <summary>The decisions of some head rows.</summary>
    /// <param name="hidden">The hidden states, each [rows, width], at multiples of 16 bytes.</param>
    /// <param name="rowOf">[head rows] the row of the pass that each head row is.</param>
    /// <param name="slotOf">[rows] the logits slot of each row of the pass.</param>
    /// <param name="topValues">[slots, keptTopK].</param>
    /// <param name="keptTopK">How many top logits each slot holds.</param>
    /// <param name="rows">Head rows, at least one.</param>
    /// <param name="decisions">[rows], written.</param>
    public void Run(IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int keptTopK, int rows, Floats decisions)
    {
        var compiledRows = CompiledRows(rows);
        if (!_kernels.TryGetValue(compiledRows, out var kernel))
            _kernels[compiledRows] = kernel = PtxLoader.Load(_device, Method(compiledRows, _backbone.Type), Residency)
                .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, DeciderStates, DeciderTask>>();
        var multiprocessors = _device.Accelerator.NumMultiprocessors;
        if (!_prepared.TryGetValue((compiledRows, rows > MaxRows), out var prepared))
        {
            var plan = DeciderPlan.Of(_model, compiledRows, multiprocessors);
            prepared = new DeciderPrepared(_device, _model, _fold, _backbone, plan, rows > MaxRows ? _maxRows : compiledRows);
            _prepared[(compiledRows, rows > MaxRows)] = prepared;
        }
        // A simulated multiprocessor takes one group at a time.
        var groups = _device.Kind == DeviceKind.Cuda ? GroupsOfMultiprocessor * multiprocessors : multiprocessors;
        var task = prepared.Task(rows, groups, _launches.View.BaseView, decisions);
        var states = DeciderStates.Of(hidden, rowOf, slotOf, topValues, keptTopK, _model.TopK, _features);
        kernel(_device.Accelerator.DefaultStream, (task.Groups * task.Teams, DeciderResident.GroupSize), states, task);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var prepared in _prepared.Values) prepared.Dispose();
        _launches.Dispose();
        _backbone.Dispose();
        _fold.Dispose();
    }

    private static MethodInfo Method<TOctet, TFormat>(int compiledRows) where TOctet : unmanaged where TFormat : struct, IDeciderOctets<TOctet> =>
        compiledRows switch
        {
            1 => ((Action<DeciderStates, DeciderTask>)DeciderResident.Run<OneRow, TOctet, TFormat>).Method,
            2 => ((Action<DeciderStates, DeciderTask>)DeciderResident.Run<Twice<OneRow>, TOctet, TFormat>).Method,
            _ => ((Action<DeciderStates, DeciderTask>)DeciderResident.Run<Twice<Twice<OneRow>>, TOctet, TFormat>).Method,
        };
}
