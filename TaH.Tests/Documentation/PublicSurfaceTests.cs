using System.Reflection;

namespace TaH.Tests;

/// <summary>The public types of the libraries are a list that a change has to touch.</summary>
public class PublicSurfaceTests
{
    [Theory, InlineData("TaH.Engine"), InlineData("TaH.Kernels")]
    public void Public_types_are_those_of_the_list(string project)
    {
        var list = Path.Combine(Repository.RootOrSkip(), "TaH.Tests", "Expectations", "PublicTypes", project + ".txt");
        var types = Assembly.Load(project).GetExportedTypes().Where(type => !type.IsNested)
            .Select(type => $"{Kind(type)} {type.Name}").Order(StringComparer.Ordinal);
        var actual = string.Join('\n', types) + '\n';
        // To accept a change: run the tests with TAH_UPDATE_EXPECTATIONS=1 and read the diff.
        if (Environment.GetEnvironmentVariable("TAH_UPDATE_EXPECTATIONS") == "1") File.WriteAllText(list, actual);
        Assert.Equal(File.ReadAllText(list), actual);
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        _ => "class",
    };
}
