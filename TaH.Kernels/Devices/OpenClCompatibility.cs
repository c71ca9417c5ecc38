using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace TaH.Kernels;

/// <summary>Lets ILGPU 1.5.3 accept OpenCL runtimes that do not report generic address spaces, PoCL 3.1 of Debian 12 among them.</summary>
/// <remarks>
/// ILGPU filters such devices out although its O2 pipeline infers every address space of our kernels. Two values that it keeps private are set
/// through reflection: the capability, and OpenCL C 2.0 as the language level, without which dynamic shared memory does not compile.
/// </remarks>
internal static class OpenClCompatibility
{
    private const string CapabilityType = "ILGPU.Runtime.OpenCL.CLCapabilityContext";

    /// <summary>Adds every OpenCL device of version 2.0 or later to the context that is being built.</summary>
    public static Context.Builder OpenClDevices(this Context.Builder builder)
    {
        builder.OpenCL(Accept);
        return builder;
    }

    private static bool Accept(CLDevice device)
    {
        if (device.DeviceVersion < CLDeviceVersion.CL20) return false;
        if (device.Capabilities.GenericAddressSpace) return true;
        var capability = typeof(CapabilityContext).Assembly.GetType(CapabilityType)?.GetProperty("GenericAddressSpace")
            ?? throw new MissingMemberException(CapabilityType, "GenericAddressSpace");
        capability.SetValue(device.Capabilities, true);
        typeof(CLDevice).GetProperty(nameof(CLDevice.DeviceVersion))!.SetValue(device, CLDeviceVersion.CL20);
        return true;
    }
}
