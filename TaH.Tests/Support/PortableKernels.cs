using System.Reflection;

namespace TaH.Tests;

/// <summary>Every portable kernel of the library, found by the project's own rules, generic ones once for each element format.</summary>
internal static class PortableKernels
{
    /// <summary>Public methods called Kernel, and all public methods of classes called ...Portable, that take nothing but values.</summary>
    public static IEnumerable<MethodInfo> All() =>
        from type in typeof(ComputeDevice).Assembly.GetTypes()
        where type is { IsAbstract: true, IsSealed: true }
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where method.ReturnType == typeof(void) && method.GetParameters().All(parameter => parameter.ParameterType.IsValueType)
        where method.Name == "Kernel" || type.Name.EndsWith("Portable", StringComparison.Ordinal)
        from instance in Instances(method)
        select instance;

    /// <summary>What tests call a kernel.</summary>
    public static string NameOf(MethodInfo method) =>
        $"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))})";

    private static IEnumerable<MethodInfo> Instances(MethodInfo method)
    {
        if (!method.IsGenericMethodDefinition) return [method];
        var parameters = method.GetGenericArguments();
        // The formats are the structs that meet the constraint of the last parameter; the stored type is the one that they are formats of.
        var constraint = parameters[^1].GetGenericParameterConstraints().Single(candidate => candidate.IsInterface);
        return from type in typeof(ComputeDevice).Assembly.GetTypes()
               where type.IsValueType
               from candidate in type.GetInterfaces()
               where candidate == constraint || (candidate.IsGenericType && constraint.IsGenericType
                   && candidate.GetGenericTypeDefinition() == constraint.GetGenericTypeDefinition())
               select method.MakeGenericMethod([.. candidate.GetGenericArguments(), type]);
    }
}
