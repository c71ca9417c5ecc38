using System.Globalization;
using System.Reflection;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>A <see cref="KernelRequest"/> as text, so that a later run of the same build can ask for the kernel before anybody else does.</summary>
internal static class KernelRecipe
{
    private const int FixedLines = 7;
    private const string Absent = "-";

    /// <summary>
    /// The declaring type, the method's token, threads, groups, target, groups of a cluster, registers, and the method's type arguments, a line each.
    /// </summary>
    public static string Of(KernelRequest request)
    {
        var (method, specialization) = (request.Method, request.Specialization);
        var arguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        return string.Join('\n', [
            method.DeclaringType!.AssemblyQualifiedName, Text(method.MetadataToken), Text(specialization.MaxNumThreadsPerGroup),
            Text(specialization.MinNumGroupsPerMultiprocessor), request.PtxTarget ?? Absent, Text(request.ClusterSize), Text(request.Registers),
            .. arguments.Select(argument => argument.AssemblyQualifiedName),
        ]);
    }

    /// <summary>The request, or null if this process does not have the method or one of the types.</summary>
    public static KernelRequest? Read(string recipe)
    {
        var lines = recipe.Split('\n');
        if (lines.Length < FixedLines || Number(lines[1]) is not { } token) return null;
        if (Type.GetType(lines[0]) is not { IsGenericType: false } type) return null;
        var method = type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .FirstOrDefault(candidate => candidate.MetadataToken == token);
        var arguments = lines.Skip(FixedLines).Select(Type.GetType).OfType<Type>().ToArray();
        if (method is null || arguments.Length != lines.Length - FixedLines || method.IsGenericMethod != arguments.Length > 0) return null;
        if (method.IsGenericMethod)
        {
            if (method.GetGenericArguments().Length != arguments.Length) return null;
            method = method.MakeGenericMethod(arguments);
        }
        return new KernelRequest(method, new KernelSpecialization(Number(lines[2]), Number(lines[3])),
            lines[4] == Absent ? null : lines[4], Number(lines[5]) ?? 1, Number(lines[6]) ?? 0);
    }

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? Absent;

    private static int? Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
}
