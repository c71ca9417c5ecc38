using System.Diagnostics;
using System.Globalization;

namespace TaH.Tests;

/// <summary>
/// What cuBLAS takes for a product, through PyTorch, where the machine has both: data and rotation as in <see cref="TensorScene"/>.
/// </summary>
internal static class CublasPeer
{
    // Reads lines "rows outer inner weights", answers microseconds: bf16 out rotating, bf16 out with one weight, f32 out rotating.
    private const string Program =
        """
        import sys, time, torch
        def measure(count, launches, product):
            for i in range(count): product(i)
            torch.cuda.synchronize()
            time.sleep(0.04)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                for i in range(launches): product(i % count)
            times = []
            for sample in range(11):
                start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
                start.record(); graph.replay(); end.record(); end.synchronize()
                times.append(start.elapsed_time(end))
            return 1000 * sorted(times[2:])[4] / launches
        for line in sys.stdin:
            rows, outer, inner, count = map(int, line.split())
            x = torch.randn(rows, inner, device="cuda").bfloat16()
            weights = [torch.randn(outer, inner, device="cuda").bfloat16() for _ in range(count)]
            y, wide = torch.empty(rows, outer, device="cuda", dtype=torch.bfloat16), torch.empty(rows, outer, device="cuda")
            to_half = lambda i: torch.mm(x, weights[i].t(), out=y)
            try:
                f32 = measure(count, 2 * count, lambda i: torch.mm(x, weights[i].t(), out_dtype=torch.float32, out=wide))
            except Exception as error:
                f32 = float("nan")
            rotating, one = measure(count, 2 * count, to_half), measure(1, 2 * count, lambda i: to_half(0))
            print(rotating, one, f32, flush=True)
        """;

    /// <summary>Microseconds of one product.</summary>
    /// <param name="Rotating">bf16 out, each time another weight.</param>
    /// <param name="OneWeight">bf16 out, one weight.</param>
    /// <param name="Single">f32 out, each time another weight.</param>
    public readonly record struct Times(double Rotating, double OneWeight, double Single);

    /// <summary>The times of each shape; null without Python, PyTorch or a card.</summary>
    public static Times[]? Measure(IReadOnlyList<(int Rows, int Outer, int Inner)> shapes)
    {
        var start = new ProcessStartInfo("python3", ["-c", Program])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            foreach (var (rows, outer, inner) in shapes)
                process.StandardInput.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{rows} {outer} {inner} {TensorScene.Weights(outer, inner)}"));
            process.StandardInput.Close();
            var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            process.WaitForExit();
            if (lines.Length == shapes.Count) return Array.ConvertAll(lines, Parse);
            Console.WriteLine($"no times of cuBLAS: {errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault()}");
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or IOException)
        {
            Console.WriteLine($"no times of cuBLAS: {error.Message}");
        }
        return null;
    }

    private static Times Parse(string line)
    {
        var numbers = Array.ConvertAll(line.Split(' '), number => double.Parse(number, CultureInfo.InvariantCulture));
        return new Times(numbers[0], numbers[1], numbers[2]);
    }
}
