namespace TaH.Kernels;

/// <summary>CUDA, few rows: the product as <see cref="MatVec"/> computes it, eight rows a launch.</summary>
internal sealed class MatMulCudaMatVec(ComputeDevice device)
{
    private readonly MatVecLaunches<ProjectedRows> _launches = new(device);

    public void Run(Floats x, WeightMatrix weight, Floats bias, Floats y, MatMulTask task)
    {
        for (var row = 0; row < task.Rows; row += MatVec.MaxRows)
        {
            var rows = Math.Min(MatVec.MaxRows, task.Rows - row);
            var projected = ProjectedRows.Of(weight, bias, y.SubView((long)row * task.Outer, (long)rows * task.Outer), task with { Rows = rows });
            var some = task.Inner == 0 ? x : x.SubView((long)row * task.Inner, (long)rows * task.Inner);
            _launches.Run(some, norm: null, weight.Type, projected, projected.Pairs, rows, task.Inner);
        }
    }
}
