namespace TaH.Cli;

/// <summary>An analysis as one page that needs no network: the JSON of <see cref="AnalysisJson"/>, and what draws it.</summary>
internal static class AnalysisPage
{
    /// <summary>The page's text.</summary>
    public static string Of(AnalysisResult result) => HtmlPage.Of("analysis", AnalysisJson.Of(result));
}
