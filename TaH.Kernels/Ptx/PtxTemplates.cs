using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;
using Register = ILGPU.Backends.RegisterAllocator<ILGPU.Backends.PTX.PTXRegisterKind>.Register;

namespace TaH.Kernels;

/// <summary>
/// Turns calls of methods with a <see cref="PtxTemplateAttribute"/> into their text. Results are registers, which ILGPU's own inline assembly
/// cannot give: it passes every operand through local memory.
/// </summary>
internal static partial class PtxTemplates
{
    /// <summary>Teaches a context all of <see cref="PtxInstructions"/>.</summary>
    public static Context.Builder AddPtxInstructions(this Context.Builder builder)
    {
        var handler = new PTXIntrinsic(typeof(PtxTemplates), nameof(Generate), IntrinsicImplementationMode.GenerateCode);
        foreach (var method in typeof(PtxInstructions).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            builder.GetIntrinsicManager().RegisterMethod(method, handler);
        return builder;
    }

    /// <summary>Writes one call. ILGPU finds this method by name and signature.</summary>
    public static void Generate(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        var method = (MethodInfo)call.Target.Source;
        var arguments = new Register[call.Count];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = generator.Load(call.Nodes[i]);
        var result = method.ReturnType == typeof(void) ? null : generator.Allocate(value);
        var text = Place().Replace(Expand(method.GetCustomAttribute<PtxTemplateAttribute>()!.Text), place =>
        {
            var register = place.Groups[1].Value == "r" ? result! : arguments[Number(place.Groups[1])];
            return Name(place.Groups[2].Success ? ((PTXCodeGenerator.CompoundRegister)register).Children[Number(place.Groups[2])] : register);
        });
        generator.Builder.Append('\t').AppendLine(text);
    }

    /// <summary>
    /// Writes out what is repeated: <c>$list(sum,3)</c> is <c>sum0,sum1,sum2</c>, <c>$each(3,text #; )</c> the text with 0, 1 and 2 for #.
    /// </summary>
    private static string Expand(string text)
    {
        text = List().Replace(text, list => string.Join(',', Numbers(list.Groups[2]).Select(i => list.Groups[1].Value + i)));
        return Each().Replace(text, each => string.Concat(Numbers(each.Groups[1]).Select(i => each.Groups[2].Value.Replace("#", i, StringComparison.Ordinal))));
    }

    private static IEnumerable<string> Numbers(Capture count) =>
        Enumerable.Range(0, Number(count)).Select(i => i.ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\$list\((\w+),(\d+)\)")]
    private static partial Regex List();

    [GeneratedRegex(@"\$each\((\d+),([^)]*)\)")]
    private static partial Regex Each();

    [GeneratedRegex(@"\$(r|\d+)(?:\.(\d+))?")]
    private static partial Regex Place();

    private static string Name(Register register) => register switch
    {
        PTXCodeGenerator.HardwareRegister hardware => "%" + PTXRegisterAllocator.GetStringRepresentation(hardware),
        PTXCodeGenerator.ConstantRegister { Value: var value } => value.BasicValueType switch
        {
            BasicValueType.Int32 => value.Int32Value.ToString(CultureInfo.InvariantCulture),
            BasicValueType.Int64 => value.Int64Value.ToString(CultureInfo.InvariantCulture),
            BasicValueType.Float32 => "0f" + BitConverter.SingleToUInt32Bits(value.Float32Value).ToString("X8", CultureInfo.InvariantCulture),
            var type => throw new NotSupportedException($"a PTX template cannot take a constant of type {type}"),
        },
        _ => throw new NotSupportedException("a PTX template names a struct where it needs one of its fields"),
    };

    private static int Number(Capture digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);
}
