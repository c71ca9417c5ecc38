using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>The products of a decider in order, on the device, and the inboxes of the groups that share them.</summary>
internal sealed class DeciderPrepared : IDisposable
{
    // Blocks take their cells by turns: who writes those of the second block behind has heard of every group since it read the ones it overwrites,
    // because each has a part of every block's first product.
    private const int Turns = 2;

    // Few groups do not get in each other's way if each looks into an inbox of its own, and a row of few features is soon written to all of them. On
    // an H200 64 groups took 38 us so and 128 groups 61; an earlier kernel of f32 weights, whose groups all looked into one, took 46 and 55.
    private const int MostInboxes = 64;

    private readonly MemoryBuffer1D<DeciderPhase, ILGPU.Stride1D.Dense> _phases;
    private readonly MemoryBuffer1D<ulong, ILGPU.Stride1D.Dense> _inboxes;
    private readonly DeciderPlan _plan;
    private readonly int _cells;
    private readonly int _inboxCount;

    /// <summary>Cuts the products up and makes room.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="model">The decider.</param>
    /// <param name="fold">Its first product.</param>
    /// <param name="backbone">The weights of the others.</param>
    /// <param name="plan">How they are cut up.</param>
    /// <param name="rows">The most head rows.</param>
    public DeciderPrepared(ComputeDevice device, DeciderModel model, DeciderFold fold, DeciderBackbone backbone, DeciderPlan plan, int rows)
    {
        var phases = Phases(model, fold, backbone, rows).Select(plan.Cut).ToArray();
        _phases = device.Accelerator.Allocate1D<DeciderPhase>(phases.Length);
        _phases.View.BaseView.CopyFromCPU(device.Accelerator.DefaultStream, phases);
        device.Synchronize();
        (_plan, _inboxCount) = (plan, rows == 1 && plan.Groups <= MostInboxes ? plan.Groups : 1);
        _cells = rows * (fold.Outer + (Turns * model.Blocks.Max(CellsOf)));
        _inboxes = device.Accelerator.Allocate1D<ulong>((long)_inboxCount * _cells);
        _inboxes.MemSetToZero(device.Accelerator.DefaultStream);
    }

    /// <summary>What a launch takes.</summary>
    /// <param name="rows">Head rows.</param>
    /// <param name="groups">Groups that may stay at a time.</param>
    /// <param name="launches">[2]; see <see cref="DeciderTask.Launches"/>.</param>
    /// <param name="decisions">[rows], written.</param>
    public DeciderTask Task(int rows, int groups, Keys launches, Floats decisions) => new(
        _phases.View.BaseView, (int)_phases.Length, _plan.Groups, _plan.TeamsFor(rows, groups), rows, (ulong)_inboxes.NativePtr, _inboxCount,
        _cells * sizeof(ulong), launches, decisions);

    /// <inheritdoc/>
    public void Dispose()
    {
        _phases.Dispose();
        _inboxes.Dispose();
    }

    private static int CellsOf(DeciderBlock block) => block.Expand.Weight.Rows + (block.DimChange?.Weight.Rows ?? 0) + block.Contract.Weight.Rows;

    private static ulong AddressOf(Floats view) => (ulong)view.LoadEffectiveAddressAsPtr();

    /// <summary>The products in order, not yet cut up.</summary>
    private static IEnumerable<DeciderPhase> Phases(DeciderModel model, DeciderFold fold, DeciderBackbone backbone, int rows)
    {
        var number = 0;
        var x = new DeciderParcel(0, ++number);
        yield return new DeciderPhase(
            AddressOf(fold.Weight), AddressOf(fold.Bias), 0, 0, default, default, x.Cell, fold.Inner, fold.Outer, 0, 0,
            fold.Features / MatVecTask.Octet, Gelu: 0);
        for (var i = 0; i < model.Blocks.Count; i++)
        {
            var block = model.Blocks[i];
            var free = rows * (fold.Outer + (i % Turns * model.Blocks.Max(CellsOf)));
            var (expanded, shortcut) = (Take(block.Expand), x);
            yield return Phase(block.Expand, block.Norm, x, default, expanded, gelu: true);
            if (block.DimChange is { } change)
            {
                shortcut = Take(change);
                yield return Phase(change, norm: null, x, default, shortcut, gelu: false);
            }
            x = Take(block.Contract);
            yield return Phase(block.Contract, norm: null, expanded, shortcut, x, gelu: false);

            DeciderParcel Take(DeciderLinear layer)
            {
                var parcel = new DeciderParcel(free, ++number);
                free += rows * layer.Weight.Rows;
                return parcel;
            }
        }
        yield return Phase(model.Output, model.OutputNorm, x, default, default, gelu: false);

        DeciderPhase Phase(
            DeciderLinear layer, DeciderNorm? norm, DeciderParcel source, DeciderParcel residual, DeciderParcel target, bool gelu) => new(
            backbone.AddressOf(layer), AddressOf(layer.Bias.View), norm is null ? 0 : AddressOf(norm.Weight.View),
            norm is null ? 0 : AddressOf(norm.Bias.View), source, residual, target.Cell, layer.Weight.Columns, layer.Weight.Rows, 0, 0, 0,
            gelu ? 1 : 0);
    }
}
