using GmemActors.Scenarios.Files;

namespace GmemActors.Scenarios;

/// <summary>The scenarios that come with the laboratory.</summary>
public static class Catalogue
{
    /// <summary>Every one of them: the files of the folder <c>scenarios</c>, then what a file cannot say.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. ScenarioFolder.Names.Select(ScenarioFolder.Read),
        new PrefaultObsoleteRoot(),
        new CreateTwoFiles(),
        new UnloadVsClose(),
        new BindWithoutMemory(),
        new MemoryFailureVsFault(),
        new MemoryFailureVsPunch(),
        new TdxAcceptVsZap(),
        new TdxZeroStepVsZap(),
        new TdxTwoFaults(),
        new TdxTrackVsRun(),
        new TdxVcpuInitVsPunch(),
        new TdxMadviseVsPrivate(),
        new TdxDestroy(),
        new TdxFinalizeVsVcpuIoctl(),
        new TdxFaultVsDelete(),
        new TdxPunchVsRead(),
        new SnpPunchVsFault(),
        new SnpCloseVsFault(),
        new SnpAllocateVsPunch(),
        new SnpFaultVsFault(),
        new SnpPsmashStorm(),
        new SnpAllocateVsFault(),
        new SnpPrefaultVsLaunch(),
        new SnpConvertVsLaunch(),
        new SnpLaunchVsMadvise(),
        new SnpConvertVsFault(),
        new SnpMismatchVsConvert(),
        new SnpPscHints(),
        new SnpPscBounds(),
        new SnpPscStaleRet(),
        new SnpVmsaVsPunch(),
        new SnpSetRegsVsFinish(),
        new HugeConvertVsFault(),
        new HugeConvertBack(),
        new HugePunchVsRun(),
        new HugePunchVsFault(),
        new CloseVsFault(),
        new ConvertVsFault(),
        new InplaceConvertVsFault(),
        new InplacePopulateVsUserFault(),
        new MadviseVsFault(),
        new Random.RandomProgram(),
        new Random.RandomProgram(withFaults: true),
    ];

    /// <summary>The scenario of that name; null if there is none.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
