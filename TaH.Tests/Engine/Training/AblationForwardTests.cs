using System.Text.Json.Nodes;

namespace TaH.Tests;

/// <summary>What an ablated checkpoint computes when it answers is what was trained: the losses of both forward passes agree, token by token.</summary>
[Collection(DeviceCollection.Name)]
public class AblationForwardTests(TestDevices devices)
{
    private const string Fixture = "c_iter3_norm";

    // One row a pass is the decoder's path, all of them the prompt's.
    public static TheoryData<AttentionScope, bool, bool, int, DeviceKind> Cases()
    {
        var cases = new TheoryData<AttentionScope, bool, bool, int, DeviceKind>();
        cases.Add(AttentionScope.FirstDepth, false, false, 64, DeviceKind.OpenCl); // slow in software: one for all
        foreach (var kind in new[] { DeviceKind.Cpu, DeviceKind.Cuda })
        foreach (var rows in new[] { 1, 64 })
        {
            foreach (var scope in Enum.GetValues<AttentionScope>()) cases.Add(scope, true, true, rows, kind);
            cases.Add(AttentionScope.DuoCausal, false, true, rows, kind);
            cases.Add(AttentionScope.DuoCausal, true, false, rows, kind);
            cases.Add(AttentionScope.FirstDepth, false, false, rows, kind);
        }
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Answers_come_of_the_passes_that_were_trained(AttentionScope scope, bool addsLogits, bool hasLora, int rowsOfPass, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        using var directory = new TemporaryDirectory(Golden.ParityCheckpoint(Fixture));
        Ablate(directory, scope, addsLogits, hasLora);
        var golden = Golden.Parity(Fixture, "step1");
        var (batch, iterations) = (GoldenBatch.Of(golden), GoldenBatch.Packed(golden, "iter_count"));
        var trained = TrainingLosses(device, directory.Path, batch, iterations, scope, addsLogits);
        using var model = TahModel.Load(directory.Path, device);
        Assert.Equal(hasLora, model.Checkpoint!.Lora is not null);
        var (count, differs) = (0, 0);
        for (var number = 0; number < batch.SequenceStarts.Length; number++)
        {
            var range = batch.SequenceStarts[number]..batch.EndOf(number);
            var trace = ForwardTrace.Run(model, new TraceRequest
            {
                Tokens = batch.Tokens[range], Policy = new LabelPolicy(iterations[range]), MaxRows = rowsOfPass, KvType = ElementType.F32,
            });
            for (var i = 0; i < trace.Tokens.Count; i++)
            {
                var place = range.Start.Value + i;
                if (batch.Labels[place] < 0) continue;
                var logits = trace.Logits.AsSpan(i * trace.Vocab, trace.Vocab).ToArray();
                var loss = Math.Log(logits.Sum(logit => Math.Exp(logit))) - logits[batch.Labels[place]];
                // f32 in two orders of sums; logits are within 30, and the golden bound of anything computed forward is 1e-4 of them.
                Assert.Equal(loss, trained[place], tolerance: 3e-3);
                count++;
                if (iterations[place] > 1) differs++;
            }
        }
        Assert.True(count > 20 && differs > 5, $"{count} labels, {differs} of them behind further passes");
    }

    private static void Ablate(TemporaryDirectory directory, AttentionScope scope, bool addsLogits, bool hasLora)
    {
        var json = JsonNode.Parse(File.ReadAllText(directory.At("tah_config.json")))!;
        if (scope != AttentionScope.DuoCausal) json["iter_attention_mode"] = scope == AttentionScope.OwnDepth ? "same_iter" : "root";
        if (!addsLogits) json["output_updater"] = "NoneUpdater";
        if (!hasLora)
        {
            json["adapter"] = "none";
            Directory.Delete(directory.At("lora"), recursive: true);
        }
        File.WriteAllText(directory.At("tah_config.json"), json.ToJsonString());
    }

    private static float[] TrainingLosses(
        ComputeDevice device, string checkpoint, PackedBatch batch, int[] iterations, AttentionScope scope, bool addsLogits)
    {
        using var source = Checkpoint.Open(checkpoint);
        var description = ModelDescription.Of(source);
        using var operations = new TrainingOperations(device, TrainingPrecision.F32, description.Shape.HeadDim, description.Shape.RopeTheta);
        using var model = new TrainingModel(operations, description, TrainedParts.Backbone);
        ParameterInitialiser.FromCheckpoint(model, source, new Xoshiro256(1), takesDecider: true);
        var options = new StepOptions { HeadRows = 7, SoftTopK = description.Tah!.SoftEmbeddingTopK, Scope = scope, AddsLogits = addsLogits };
        using var step = new LanguageStep(operations, model, options);
        return step.Run(batch, iterations, scale: 0, backward: false).Losses;
    }
}
