using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// CUDA: one group a request, which looks at the slot's largest logits only. They are in descending order, so that min-p, top-k and top-p each keep a
/// beginning of them. Only if more logits tie with the last of the top-k than are listed does the group go through the whole row.
/// </summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
internal sealed class SamplingCudaTop(ComputeDevice device)
{
    private const int GroupSize = 128;

    private readonly Lazy<Launch> _kernel = new(() =>
        PtxLoader.Load(device, Method, new KernelSpecialization(GroupSize, null)).CreateLauncherDelegate<Launch>());

    private delegate void Launch(
        AcceleratorStream stream, KernelConfig config, SamplingTop top, ArrayView<SampleParameters> parameters, Floats accumulated, Floats values,
        Ints tokens, Ints result, int topIsThere);

    /// <summary>The kernel.</summary>
    internal static System.Reflection.MethodInfo Method { get; } =
        ((Action<SamplingTop, ArrayView<SampleParameters>, Floats, Floats, Ints, Ints, int>)Kernel).Method;

    /// <summary>
    /// Whether a slot's top logits are all that a request needs; if no more than it keeps are listed, those that tie with the last are not known.
    /// </summary>
    public static bool Takes(SampleRequest request, LogitsState logits)
    {
        if (request.Penalties is { Seen.Length: > 0 } || logits.TopK > SamplingTop.MaxListed) return false;
        return request.Temperature <= 0f || (request.TopK > 0 && request.TopK < logits.TopK) || logits.TopK == logits.Vocab;
    }

    /// <summary>Draws for requests that <see cref="Takes"/> says yes to.</summary>
    /// <param name="logits">The sums and their largest.</param>
    /// <param name="scratch">The requests.</param>
    /// <param name="requests">How many.</param>
    /// <param name="tokens">[requests], written.</param>
    /// <param name="topIsThere">Whether the kernel in front lets this one start only when the largest logits are complete.</param>
    public void Run(LogitsState logits, SamplingScratch scratch, int requests, Ints tokens, bool topIsThere)
    {
        var top = new SamplingTop(logits.TopValues, logits.TopTokens, logits.TopK, logits.Vocab);
        // Without a draw there is no room for rows, and no need of it.
        var (values, listed) = scratch.Values.Length > 0 ? (scratch.Values, scratch.Tokens) : (logits.TopValues, logits.TopTokens);
        _kernel.Value(device.Accelerator.DefaultStream, (requests, GroupSize), top, scratch.Parameters, logits.Accumulated, values, listed, tokens,
            topIsThere ? 1 : 0);
    }

    private static void Kernel(
        SamplingTop top, ArrayView<SampleParameters> parameters, Floats accumulated, Floats values, Ints tokens, Ints result, int topIsThere)
    {
        PtxInstructions.LetNextStart();
        if (topIsThere == 0) PtxInstructions.WaitForPrevious();
        var request = parameters[Grid.IdxX];
        var token = top.Draw(request);
        if (topIsThere != 0) PtxInstructions.WaitForPrevious();
        if (Group.IdxX == 0) result[Grid.IdxX] = XMath.Max(token, ~token);
        if (token >= 0) return; // the same for the whole group
        Group.Barrier();
        SamplingPortable.Draw(accumulated, parameters, accumulated, values, tokens, result, top.Vocab);
    }
}
