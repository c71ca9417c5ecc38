using System.Reflection;
using System.Reflection.Emit;

namespace TaH.Tests;

/// <summary>Finds the kernels of the library in its own code: whatever could become a delegate and has the looks of one.</summary>
internal static class KernelScan
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>
    /// Definitions of all static methods that return nothing and take nothing but values, and that some code takes as a delegate: nobody does that
    /// but to load a kernel.
    /// </summary>
    public static IReadOnlySet<MethodInfo> Definitions() =>
        typeof(ComputeDevice).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(Everything).Concat<MethodBase>(type.GetConstructors(Everything)))
            .SelectMany(TakenAsDelegates)
            .Where(method => method.IsStatic && method.ReturnType == typeof(void) && method.DeclaringType!.Assembly == typeof(ComputeDevice).Assembly)
            .Where(method => method.GetParameters() is [_, ..] parameters && parameters.All(parameter => parameter.ParameterType.IsValueType))
            .Select(Definition).ToHashSet();

    /// <summary>The method without its generic arguments.</summary>
    public static MethodInfo Definition(MethodInfo method) => method.IsGenericMethod ? method.GetGenericMethodDefinition() : method;

    private static IEnumerable<MethodInfo> TakenAsDelegates(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length;)
        {
            var value = (short)(code[at] == 0xfe ? 0xfe00 | code[at + 1] : code[at]);
            var operation = OpCodes[value];
            at += operation.Size;
            if (operation == System.Reflection.Emit.OpCodes.Ldftn && Resolve(method, BitConverter.ToInt32(code, at)) is MethodInfo taken)
                yield return taken;
            at += OperandBytes(operation, code, at);
        }
    }

    private static MethodBase? Resolve(MethodBase method, int token) => method.Module.ResolveMethod(
        token, method.DeclaringType!.GetGenericArguments(), method.IsGenericMethodDefinition ? method.GetGenericArguments() : null);

    private static int OperandBytes(OpCode operation, byte[] code, int at) => operation.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };
}
