using System.Text.Json;

namespace TaH.Tests;

/// <summary>Chats render as apply_chat_template renders them (Jinja2 3.1.6 in the environment that transformers sets up).</summary>
public sealed class ChatFormatTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tah-chat-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory, InlineData("qwen3", 353), InlineData("tiny", 327)]
    public void Renders_as_the_reference(string template, int count)
    {
        var format = template == "tiny" ? ChatFormat.Open(TokenizerFixtures.TinyDirectory) : OpenQwen3();
        var cases = TokenizerFixtures.LinesOf("chat_cases.jsonl.gz")
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(sample => sample.GetProperty("template").GetString() == template)
            .ToArray();
        Assert.Equal(count, cases.Length);
        Assert.All(cases, sample =>
        {
            var messages = sample.GetProperty("messages").EnumerateArray()
                .Select(message => new ChatMessage(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!)).ToArray();
            var addGenerationPrompt = sample.GetProperty("add_generation_prompt").GetBoolean();
            var enableThinking = sample.GetProperty("enable_thinking").GetBoolean();
            Assert.Equal(sample.GetProperty("text").GetString(), format.Render(messages, addGenerationPrompt, enableThinking));
        });
    }

    [Fact]
    public void Thinking_switched_off_opens_the_turn_with_an_empty_think_block()
    {
        ChatMessage[] messages = [new("user", "Hi")];
        const string Opened = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
        Assert.Equal(Opened, OpenQwen3().Render(messages));
        Assert.Equal(Opened + "<think>\n\n</think>\n\n", OpenQwen3().Render(messages, enableThinking: false));
    }

    [Fact]
    public void Earlier_thoughts_are_left_out()
    {
        var text = OpenQwen3().Render([new("user", "a"), new("assistant", "<think>\nsecret\n</think>\n\nb"), new("user", "c")]);
        const string Turns = "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n";
        Assert.Equal(Turns + "<|im_start|>assistant\n", text);
    }

    [Fact]
    public void A_directory_without_template_gets_ChatML()
    {
        var format = ChatFormat.Open(_directory);
        ChatMessage[] messages = [new("system", "s"), new("user", "u")];
        const string Turns = "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nu<|im_end|>\n";
        Assert.Equal(Turns, format.Render(messages, addGenerationPrompt: false));
        Assert.Equal(Turns + "<|im_start|>assistant\n", format.Render(messages));
        Assert.Equal(Turns + "<|im_start|>assistant\n<think>\n\n</think>\n\n", format.Render(messages, enableThinking: false));
    }

    [Fact]
    public void A_jinja_file_goes_before_the_config_and_sees_its_special_tokens()
    {
        Write("tokenizer_config.json", """{"eos_token": {"content": "<end>"}, "bos_token": "<s>", "chat_template": "from config"}""");
        Write("chat_template.jinja", "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token is defined }}");
        Assert.Equal("<s>hi<end>False", ChatFormat.Open(_directory).Render([new("user", "hi")]));
    }

    [Fact]
    public void Of_several_named_templates_the_default_one_is_taken()
    {
        Write("tokenizer_config.json", """{"chat_template": [{"name": "rag", "template": "r"}, {"name": "default", "template": "d"}]}""");
        Assert.Equal("d", ChatFormat.Open(_directory).Render([new("user", "hi")]));
    }

    [Theory]
    [InlineData("{", "line 1: is not valid JSON")]
    [InlineData("[]", "tokenizer_config.json: [] is not an object")]
    [InlineData("""{"eos_token": 3}""", "eos_token: 3 is not a string")]
    [InlineData("""{"chat_template": 3}""", "chat_template: 3 is not a string")]
    [InlineData("""{"chat_template": "a", "chat_template": "b"}""", "is not valid JSON")]
    [InlineData("""{"chat_template": "\ud800"}""", "chat_template: is not Unicode text")]
    [InlineData("""{"chat_template": [{"name": "rag", "template": "r"}]}""", "chat_template: has no template named \"default\"")]
    [InlineData("""{"chat_template": "a\n{% macro x() %}"}""", "chat_template, line 2 of the template: has the statement \"macro\"")]
    [InlineData("""{"chat_template": "{{ messages | tojson }}"}""", "line 1 of the template: uses the filter tojson, which is not supported")]
    [InlineData("""{"chat_template": "\n\n{{ messages[0].x.y }}"}""", "line 3 of the template: takes .y of x, which is undefined")]
    public void A_template_that_cannot_be_used_is_refused_by_field_and_line(string config, string message)
    {
        Write("tokenizer_config.json", config);
        var error = Assert.Throws<CheckpointException>(() => ChatFormat.Open(_directory).Render([new("user", "hi")]));
        Assert.Contains("tokenizer_config.json", error.Message);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void A_refusal_by_the_template_is_an_error_of_the_request()
    {
        Write("chat_template.jinja", "{{ raise_exception('roles must alternate') }}");
        Assert.Contains("roles must alternate", Assert.Throws<UsageException>(() => ChatFormat.Open(_directory).Render([new("user", "hi")])).Message);
        Assert.Throws<UsageException>(() => ChatFormat.Open(_directory).Render([]));
    }

    [Fact]
    public void Mutated_configs_render_or_fail_with_a_typed_exception()
    {
        var original = File.ReadAllBytes(Path.Combine(TokenizerFixtures.TinyDirectory, "tokenizer_config.json"));
        var random = new Random(3);
        var (rendered, refused) = (0, 0);
        for (var i = 0; i < 3000; i++)
        {
            var bytes = TokenizerFixtures.Mutate(random, original);
            File.WriteAllBytes(Path.Combine(_directory, "tokenizer_config.json"), bytes);
            try
            {
                ChatFormat.Open(_directory).Render([new ChatMessage("user", "hi")]);
                rendered++;
            }
            catch (Exception e) when (e is CheckpointException or UsageException)
            {
                refused++;
            }
        }

        Assert.True(rendered > 300 && refused > 1000, $"{rendered} rendered, {refused} refused: the mutations test nothing");
    }

    private ChatFormat OpenQwen3() => TokenizerFixtures.OpenQwen3Chat(_directory);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}
