using System.Globalization;
using System.Text.RegularExpressions;

namespace TaH.Kernels;

/// <summary>What has to be changed in the text that ILGPU generates before a driver may see it.</summary>
internal static partial class PtxText
{
    /// <summary>The text with every change below.</summary>
    /// <param name="text">A whole module as ILGPU generated it.</param>
    /// <param name="target">The architecture to compile for, such as <c>sm_90a</c>.</param>
    public static string Prepare(string text, string target)
    {
        // ILGPU 1.5.3 names sm_80 at most, and a driver refuses newer instructions under an older target.
        text = Target().Replace(text, ".target " + target);
        // ILGPU takes the result of every call for equal across a warp, and the branch that depends on it for uniform. Neither need be true.
        text = UniformBranch().Replace(text, "$1bra");
        // ILGPU aligns shared memory by its elements; loads of 16 bytes need more.
        text = SharedAlignment().Replace(text, "$1 .align 16");
        text = PtxDivisions.Simplify(text);
        // Kernels that start early are a thing of Hopper and newer; on older cards each waits for the one before by itself.
        if (!StartsEarly(target)) text = EarlyStart().Replace(text, "");
        return WithoutFunctions(text);
    }

    /// <summary>A prepared text whose kernel runs in clusters of neighbouring groups.</summary>
    /// <param name="text">A module of one kernel.</param>
    /// <param name="size">Groups of a cluster; 1 leaves the text as it is.</param>
    public static string InClusters(string text, int size) =>
        size == 1 ? text
            : MaxThreads().Replace(text, string.Create(CultureInfo.InvariantCulture, $".explicitcluster .reqnctapercluster {size}, 1, 1\n$0"));

    /// <summary>A prepared text whose threads have no more than some registers, however many groups a multiprocessor shall hold.</summary>
    /// <param name="text">A module of one kernel.</param>
    /// <param name="registers">How many; 0 leaves the text as it is.</param>
    public static string InRegisters(string text, int registers) =>
        registers == 0 ? text : LeastGroups().Replace(text, string.Create(CultureInfo.InvariantCulture, $".maxnreg {registers}"));

    /// <summary>Whether kernels of a prepared text wait for the kernels before in their own time.</summary>
    public static bool WaitsItself(string text) => text.Contains(PtxInstructions.WaitForPreviousText, StringComparison.Ordinal);

    private static bool StartsEarly(string target) =>
        int.Parse(Digits().Match(target).ValueSpan, CultureInfo.InvariantCulture) >= 90;

    /// <summary>ILGPU leaves the bodies of inlined and replaced methods in the module; nothing calls them.</summary>
    private static string WithoutFunctions(string text) => text.Contains("\tcall", StringComparison.Ordinal) ? text : Function().Replace(text, "");

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"^\tgriddepcontrol\.\w+;\r?\n", RegexOptions.Multiline)]
    private static partial Regex EarlyStart();

    [GeneratedRegex(@"\.minnctapersm \d+")]
    private static partial Regex LeastGroups();

    [GeneratedRegex(@"\.maxntid\b")]
    private static partial Regex MaxThreads();

    [GeneratedRegex(@"\.target sm_\w+")]
    private static partial Regex Target();

    [GeneratedRegex(@"(@!?%p\d+ )bra\.uni")]
    private static partial Regex UniformBranch();

    [GeneratedRegex(@"(\.shared) \.align \d+")]
    private static partial Regex SharedAlignment();

    // From the head of a function to the brace that closes it, or to the semicolon of a declaration: the first that stands alone on its line.
    [GeneratedRegex(@"^(?:\.visible )?\.func\b.*?^[};][ \t\r]*\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Function();
}
