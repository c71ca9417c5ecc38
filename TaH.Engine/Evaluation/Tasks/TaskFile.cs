using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaH.Engine;

/// <summary>Task files: YAML that says what is asked and how it is judged.</summary>
public static class TaskFile
{
    /// <summary>Reads a file of one's own; its data is looked for beside it, too.</summary>
    /// <exception cref="BadFileException">It is no task file; the message names line and key.</exception>
    public static EvaluationTask Read(string path) =>
        Parse(InputFile.ReadText(path, "a task in YAML"), path) with { Folder = Path.GetDirectoryName(Path.GetFullPath(path)) };

    internal static EvaluationTask Parse(string text, string file)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException broken)
        {
            throw new BadFileException(file, $"line {broken.Start.Line}", $"is no YAML: {broken.Message}", broken);
        }
        if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode root)
            throw new BadFileException(file, null, "holds no task; the keys name, data, prompt and grader were expected");
        var keys = new RecipeKeys(file, root, kind: "a task file");
        var task = Read(keys, file);
        keys.RefuseUnread();
        return task;
    }

    private static EvaluationTask Read(RecipeKeys keys, string file)
    {
        var usual = new SamplingSettings();
        var grader = Grader(keys);
        return new EvaluationTask
        {
            Name = Name(keys, file),
            Description = keys.Text("description") ?? "",
            Data = Required(keys, "data"),
            Source = keys.Text("source") ?? "",
            IdField = keys.Text("fields.id") ?? "id",
            AnswerField = keys.Text("fields.answer") ?? (grader.RunsCode() ? null : "answer"),
            Prompt = Template(keys),
            Prefill = keys.Text("prefill") ?? "",
            Grader = grader,
            Thinking = keys.Flag("thinking") ?? true,
            MaxNewTokens = keys.Integer("max_new_tokens", least: 1) ?? 4096,
            Sampling = new SamplingSettings
            {
                Temperature = (float?)keys.Number("sampling.temperature", 0, 100) ?? usual.Temperature,
                TopP = (float?)keys.Number("sampling.top_p", 0, 1) ?? usual.TopP,
                TopK = keys.Integer("sampling.top_k", least: 0) ?? usual.TopK,
                MinP = (float?)keys.Number("sampling.min_p", 0, 1) ?? usual.MinP,
            },
        };
    }

    private static string Required(RecipeKeys keys, string key) =>
        keys.Text(key) is { Length: > 0 } text ? text : throw keys.Fault(key, "is missing");

    private static string Name(RecipeKeys keys, string file)
    {
        var name = keys.Text("name") ?? Path.GetFileNameWithoutExtension(file);
        var isPlain = name.Length is > 0 and <= 100 && name.All(letter => char.IsLetterOrDigit(letter) || letter is '_' or '-' or '.' or '+');
        return isPlain ? name : throw keys.Fault("name", $"is {Words.Quoted(name)}; letters, digits and _-.+ were expected");
    }

    private static PromptTemplate Template(RecipeKeys keys)
    {
        try
        {
            return new PromptTemplate(Required(keys, "prompt"));
        }
        catch (FormatException error)
        {
            throw keys.Fault("prompt", error.Message);
        }
    }

    private static TaskGrader Grader(RecipeKeys keys)
    {
        var word = Required(keys, "grader");
        return TaskGraders.Find(word)
            ?? throw keys.Fault("grader", $"is {Words.Quoted(word)}; {string.Join(", ", TaskGraders.Words)} are there");
    }
}
