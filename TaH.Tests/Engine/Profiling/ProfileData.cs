namespace TaH.Tests;

/// <summary>A profile made by hand: two passes of two layers, every number of which can be checked in the head.</summary>
internal static class ProfileData
{
    public static readonly DeviceCeilings Ceilings = new(ReadBytesPerSecond: 1e12, CopyBytesPerSecond: 9e11, MatrixFlopsPerSecond: 1e14, default);

    /// <summary>Four launches a pass: 10 us each, 2 us apart; 100 us from pass to pass.</summary>
    public static KernelLog Log()
    {
        var runs = new List<KernelRun>();
        for (var pass = 0; pass < 2; pass++)
        {
            void Add(string operation, int layer, string stage, KernelWork work)
            {
                var start = (pass * 100e-6) + (runs.Count % 4 * 12e-6) + 1e-3;
                runs.Add(new KernelRun(operation, "Simd", work, new KernelPlace(pass, layer, stage), start, 10e-6, start - 5e-6, 3e-6));
            }
            Add("MatMul", 0, "out", new KernelWork(8_000_000, 16_000_000, 1, 8, 4)); // 8 us at the ceiling: 80 %
            Add("MatMul", 1, "out", new KernelWork(8_000_000, 16_000_000, 1, 8, 4));
            Add("TopK", -1, "head", new KernelWork(1_000_000, 0, 1, 100)); // 1 us: 10 %
            Add("Lora <\"&>", -1, "sample", new KernelWork(1_000, 500_000_000, 1, 2, 3)); // 5 us of arithmetic: 50 %
        }
        return new KernelLog(runs, [new ProfiledPass(1, 0, 1, 5), new ProfiledPass(1, 1, 1, 6)]);
    }

    public static ProfilePhase Phase(bool launchesAhead = false) => new(
        ProfilePhase.DecodeName, Tokens: 2, PassSpan.Of(Log()), [new Cost(20_000_000, 1), new Cost(20_000_000, 1)],
        PlainSeconds: 80e-6, ProfiledSeconds: 200e-6, launchesAhead);

    public static ModelProfile Of(DeviceKind kind = DeviceKind.Cuda) => new(
        "a </script> model", new DeviceInfo(kind, 0, "A \"Fine\" Card", 1, IsGpu: true, "sm_90"), Ceilings,
        new ProfilePlan { Tokens = 2 }, [Phase(launchesAhead: kind == DeviceKind.Cuda)]);
}
