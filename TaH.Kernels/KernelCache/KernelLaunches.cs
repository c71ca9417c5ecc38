using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// How operations get their kernels: <c>device.Load(kernel)</c> is a launch on the device's stream that compiles and loads the kernel when it is
/// first called, so an operation may have one for every element type and pays for those that it meets. A kernel is loaded once, whoever asks.
/// </summary>
internal static class KernelLaunches
{
    public static Action<KernelConfig, T1, T2> Load<T1, T2>(this ComputeDevice device, Action<T1, T2> kernel)
    {
        var launch = device.Defer<Action<AcceleratorStream, KernelConfig, T1, T2>>(kernel);
        return (config, a, b) => launch.Value(device.Accelerator.DefaultStream, config, a, b);
    }

    public static Action<KernelConfig, T1, T2, T3> Load<T1, T2, T3>(this ComputeDevice device, Action<T1, T2, T3> kernel)
    {
        var launch = device.Defer<Action<AcceleratorStream, KernelConfig, T1, T2, T3>>(kernel);
        return (config, a, b, c) => launch.Value(device.Accelerator.DefaultStream, config, a, b, c);
    }

    public static Action<KernelConfig, T1, T2, T3, T4> Load<T1, T2, T3, T4>(this ComputeDevice device, Action<T1, T2, T3, T4> kernel)
    {
        var launch = device.Defer<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4>>(kernel);
        return (config, a, b, c, d) => launch.Value(device.Accelerator.DefaultStream, config, a, b, c, d);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5> Load<T1, T2, T3, T4, T5>(this ComputeDevice device, Action<T1, T2, T3, T4, T5> kernel)
    {
        var launch = device.Defer<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5>>(kernel);
        return (config, a, b, c, d, e) => launch.Value(device.Accelerator.DefaultStream, config, a, b, c, d, e);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6> Load<T1, T2, T3, T4, T5, T6>(
        this ComputeDevice device, Action<T1, T2, T3, T4, T5, T6> kernel)
    {
        var launch = device.Defer<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6>>(kernel);
        return (config, a, b, c, d, e, f) => launch.Value(device.Accelerator.DefaultStream, config, a, b, c, d, e, f);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7> Load<T1, T2, T3, T4, T5, T6, T7>(
        this ComputeDevice device, Action<T1, T2, T3, T4, T5, T6, T7> kernel)
    {
        var launch = device.Defer<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7>>(kernel);
        return (config, a, b, c, d, e, f, g) => launch.Value(device.Accelerator.DefaultStream, config, a, b, c, d, e, f, g);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> Load<T1, T2, T3, T4, T5, T6, T7, T8>(
        this ComputeDevice device, Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel)
    {
        var launch = device.Defer<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8>>(kernel);
        return (config, a, b, c, d, e, f, g, h) => launch.Value(device.Accelerator.DefaultStream, config, a, b, c, d, e, f, g, h);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9> Load<T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        this ComputeDevice device, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9> kernel)
    {
        var launch = device.Defer<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9>>(kernel);
        return (config, a, b, c, d, e, f, g, h, i) => launch.Value(device.Accelerator.DefaultStream, config, a, b, c, d, e, f, g, h, i);
    }

    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> Load<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
        this ComputeDevice device, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> kernel)
    {
        var launch = device.Defer<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>>(kernel);
        return (config, a, b, c, d, e, f, g, h, i, j) => launch.Value(device.Accelerator.DefaultStream, config, a, b, c, d, e, f, g, h, i, j);
    }

    private static Lazy<TLaunch> Defer<TLaunch>(this ComputeDevice device, Delegate kernel) where TLaunch : Delegate =>
        new(() => device.Kernels.Load(new KernelRequest(kernel.Method)).CreateLauncherDelegate<TLaunch>());
}
