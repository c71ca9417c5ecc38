using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>The three products of a linear layer against sums in double, of operands as they are read: rounded to bf16 where products round them.</summary>
[Collection(DeviceCollection.Name)]
public class TrainingProductsTests(TestDevices devices)
{
    private const float Alpha = 0.5f;

    // F32: nothing is a multiple of anything; one row. Bf16: columns by 8, as tensor cores need; rows that fill no slice of 64.
    public static TheoryData<TrainingPrecision, DeviceKind, int, int, int> Cases()
    {
        var cases = new TheoryData<TrainingPrecision, DeviceKind, int, int, int>();
        foreach (var kind in Enum.GetValues<DeviceKind>())
        {
            cases.Add(TrainingPrecision.F32, kind, 37, 33, 19);
            cases.Add(TrainingPrecision.F32, kind, 1, 65, 130);
        }
        cases.Add(TrainingPrecision.Bf16, DeviceKind.Cuda, 70, 72, 136);
        cases.Add(TrainingPrecision.Bf16, DeviceKind.Cuda, 1, 128, 64);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Forward_and_both_gradients_equal_the_double_reference(TrainingPrecision precision, DeviceKind kind, int rows, int inputs, int outputs)
    {
        var device = precision == TrainingPrecision.F32 ? devices.OpenOrSkip(kind) : devices.OpenOrSkip(CudaGeneration.Ampere);
        using var scene = new Scene(device, precision, rows, inputs, outputs);
        double[] x = scene.Read(scene.X), w = scene.Read(scene.W), dy = scene.Read(scene.Dy);
        scene.Check(rows * outputs, inputs, Product(rows, outputs, inputs, (r, o, k) => (x[(r * inputs) + k], w[(o * inputs) + k])),
            (target, adds) => scene.Products.Forward(scene.Rows, scene.Weight, target, Alpha, adds));
        scene.Check(rows * inputs, outputs, Product(rows, inputs, outputs, (r, i, k) => (dy[(r * outputs) + k], w[(k * inputs) + i])),
            (target, adds) => scene.Products.InputGradient(scene.Gradients, scene.Weight, target, Alpha, adds));
        scene.Check(outputs * inputs, rows, Product(outputs, inputs, rows, (o, i, k) => (dy[(k * outputs) + o], x[(k * inputs) + i])),
            (target, _) => scene.Products.WeightGradients(scene.Rows, Alpha, new WeightGradient(scene.Gradients, target)), alwaysAdds: true);
    }

    [Fact]
    public void A_weight_is_turned_over_again_after_it_has_changed()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var scene = new Scene(device, TrainingPrecision.F32, rows: 3, inputs: 5, outputs: 4);
        var changed = RandomData.Uniform(9, scene.W.Length);
        scene.Change(changed);
        double[] dy = scene.Read(scene.Dy), w = scene.Read(changed);
        scene.Check(3 * 5, 4, Product(3, 5, 4, (r, i, k) => (dy[(r * 4) + k], w[(k * 5) + i])),
            (target, adds) => scene.Products.InputGradient(scene.Gradients, scene.Weight, target, Alpha, adds));
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var scene = new Scene(device, TrainingPrecision.F32, rows: 3, inputs: 5, outputs: 4);
        using FloatBuffer few = device.AllocateFloats(11), room = device.AllocateFloats(20);
        Assert.Throws<ShapeException>(() => scene.Products.Forward(scene.Rows, scene.Weight, few.View.BaseView));
        Assert.Throws<ShapeException>(() => scene.Products.Forward(scene.Gradients, scene.Weight, room.View.BaseView)); // 4 columns where the weight has 5
        Assert.Throws<ShapeException>(() => scene.Products.WeightGradients(scene.Rows, 1, new WeightGradient(scene.Gradients, few.View.BaseView)));
        Assert.Throws<ArgumentOutOfRangeException>(() => scene.Products.Read(scene.Rows, room.View.BaseView, 4));
        using var forward = scene.Products.Weight(scene.Matrix, letsGradientsThrough: false);
        Assert.Throws<InvalidOperationException>(() => scene.Products.InputGradient(scene.Gradients, forward, room.View.BaseView));
    }

    /// <summary>Of each element the sum of products and the sum of their sizes.</summary>
    private static (double Sum, double Size)[] Product(int rows, int columns, int inner, Func<int, int, int, (double A, double B)> terms) =>
    [
        .. from row in Enumerable.Range(0, rows)
           from column in Enumerable.Range(0, columns)
           let products = Enumerable.Range(0, inner).Select(k => terms(row, column, k)).Select(pair => pair.A * pair.B).ToArray()
           select (products.Sum(), products.Sum(Math.Abs)),
    ];

    private sealed class Scene : IDisposable
    {
        private readonly ComputeDevice _device;
        private readonly TrainingPrecision _precision;
        private readonly FloatBuffer _x, _w, _dy;
        private readonly MemoryBuffer1D<ushort, ILGPU.Stride1D.Dense> _narrowed;

        public Scene(ComputeDevice device, TrainingPrecision precision, int rows, int inputs, int outputs)
        {
            (_device, _precision) = (device, precision);
            (X, W, Dy) = (RandomData.Uniform(1, rows * inputs), RandomData.Uniform(2, outputs * inputs), RandomData.Uniform(3, rows * outputs));
            (_x, _w, _dy) = (device.Upload(X), device.Upload(W), device.Upload(Dy));
            _narrowed = device.Accelerator.Allocate1D<ushort>(W.Length);
            Products = TrainingProducts.Create(device, precision);
            Matrix = precision == TrainingPrecision.F32
                ? WeightMatrix.Over(ElementType.F32, outputs, inputs, _w, 0)
                : WeightMatrix.Over(ElementType.Bf16, outputs, inputs, _narrowed, 0);
            Weight = Products.Weight(Matrix, letsGradientsThrough: true);
            Change(W);
            (Rows, Gradients) = (Products.Allocate(rows, inputs), Products.Allocate(rows, outputs));
            Products.Read(Rows, _x.View.BaseView, rows);
            Products.Read(Gradients, _dy.View.BaseView, rows);
        }

        public float[] X { get; }

        public float[] W { get; }

        public float[] Dy { get; }

        public TrainingProducts Products { get; }

        public WeightMatrix Matrix { get; }

        public ProductWeight Weight { get; }

        public ProductOperand Rows { get; }

        public ProductOperand Gradients { get; }

        public void Change(float[] values)
        {
            _w.View.BaseView.SubView(0, values.Length).CopyFromCPU(values);
            Products.NarrowAll(_w.View.BaseView.SubView(0, values.Length), _narrowed.View.BaseView);
            Products.Refresh(Weight);
        }

        /// <summary>Values as products read them.</summary>
        public double[] Read(float[] values) => _precision == TrainingPrecision.F32
            ? values.Widen()
            : [.. values.Select(value => (double)default(Bfloat16Format).Widen(default(Bfloat16Format).Narrow(value)))];

        /// <summary>Runs a product that replaces poison and one that is added; twice each gives the same bits.</summary>
        public void Check(int length, int inner, (double Sum, double Size)[] expected, Action<Floats, bool> run, bool alwaysAdds = false)
        {
            var start = RandomData.Uniform(4, length);
            foreach (var adds in alwaysAdds ? [true] : new[] { false, true })
            {
                float[] Run()
                {
                    using var target = new Poisoned(_device, length);
                    if (adds) target.View.CopyFromCPU(start);
                    run(target.View, adds);
                    _device.Synchronize();
                    return target.Read();
                }
                var actual = Run();
                double[] wanted = [.. expected.Select((element, i) => (Alpha * element.Sum) + (adds ? start[i] : 0))];
                // A rounding a term at the most, of the sum of their sizes, and a few for alpha and what is there.
                double[] bounds = [.. expected.Select(element => (inner + 4) * ((Alpha * element.Size) + 1) * Math.Pow(2, -24))];
                Near.Absolute(wanted, actual, bounds);
                Assert.Equal(actual, Run());
            }
        }

        public void Dispose()
        {
            foreach (var owned in new IDisposable[] { Weight, Matrix, Rows, Gradients, Products, _x, _w, _dy, _narrowed }) owned.Dispose();
        }
    }
}
