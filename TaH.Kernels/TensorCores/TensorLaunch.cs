using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>A kernel of one argument with its dynamic shared memory, a group to a multiprocessor.</summary>
/// <typeparam name="TTask">What it takes.</typeparam>
internal sealed class TensorLaunch<TTask> where TTask : struct
{
    private readonly Action<AcceleratorStream, KernelConfig, TTask> _launch;
    private readonly ComputeDevice _device;
    private readonly int _groupSize;
    private readonly SharedMemoryConfig _shared;

    /// <summary>Loads it.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="kernel">Generic arguments filled in.</param>
    /// <param name="groupSize">Threads of a group.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a group.</param>
    /// <param name="clusterSize">Groups that share memory.</param>
    public TensorLaunch(ComputeDevice device, Action<TTask> kernel, int groupSize, int sharedBytes, int clusterSize = 1)
    {
        (_device, _groupSize) = (device, groupSize);
        var loaded = PtxLoader.Load(device, kernel.Method, new KernelSpecialization(groupSize, 1), clusterSize);
        PtxLoader.AllowSharedMemory(loaded, sharedBytes);
        _launch = loaded.CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, TTask>>();
        _shared = SharedMemoryConfig.RequestDynamic<float>(sharedBytes / sizeof(float));
    }

    /// <summary>Queues a launch of so many groups.</summary>
    public void Launch(int groups, TTask task) => _launch(_device.Accelerator.DefaultStream, new KernelConfig(groups, _groupSize, _shared), task);
}
