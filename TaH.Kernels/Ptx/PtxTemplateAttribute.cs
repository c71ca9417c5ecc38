namespace TaH.Kernels;

/// <summary>The PTX that a call of the method becomes on CUDA devices; its C# body says the same for readers and for runs on the host.</summary>
/// <param name="text">
/// Instructions in which <c>$r</c> is the register of the result and <c>$0</c>, <c>$1</c>, ... those of the arguments; <c>$r.2</c> and <c>$1.2</c>
/// are the third field of a struct.
/// </param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PtxTemplateAttribute(string text) : Attribute
{
    public string Text { get; } = text;
}
