using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class MemoryContentTests
{
    private static readonly KeyId Guest = new Asid(5).Key;
    private static readonly KeyId Td = new Hkid(9).Key;

    [Fact]
    public void Data_reads_as_data_through_its_own_key_and_as_ciphertext_through_another()
    {
        var (lab, memory, pfn) = Frame();

        lab.Ask(memory, new WritePage(pfn, Guest));

        Assert.Equal(new(ContentKind.Data, Guest, false), lab.Ask(memory, new ReadPage(pfn, Guest)));
        Assert.Null(memory.Garbled);
        Assert.Equal(new(ContentKind.Ciphertext, Guest, false), lab.Ask(memory, new ReadPage(pfn)));
        Assert.Contains("asid 5", memory.Garbled);
        Assert.Null(memory.Misuse);
    }

    [Fact]
    public void A_frame_is_zero_until_somebody_writes_it_and_after_it_is_cleared()
    {
        var (lab, memory, pfn) = Frame();
        Assert.Equal(ContentKind.Zero, lab.Ask(memory, new ReadPage(pfn, Guest)).Kind);

        lab.Ask(memory, new WritePage(pfn));
        lab.Ask(memory, new ClearPage(pfn));

        Assert.Equal(ContentKind.Zero, lab.Ask(memory, new ReadPage(pfn, Guest)).Kind);
    }

    [Fact]
    public void What_an_earlier_owner_left_is_stale_through_the_same_key_alone()
    {
        var (lab, memory, pfn) = Frame();
        lab.Ask(memory, new WritePage(pfn, Guest));
        lab.Ask(memory, new FreePage(pfn));
        lab.Ask(memory, new AllocPage(memory));

        Assert.Equal(ContentKind.Ciphertext, lab.Ask(memory, new ReadPage(pfn)).Kind);
        Assert.Null(memory.Misuse);
        Assert.True(lab.Ask(memory, new ReadPage(pfn, Guest)).IsStale);
        Assert.Contains("an earlier owner left", memory.Misuse);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    [InlineData("write a part")]
    public void A_use_after_free_is_noticed(string use)
    {
        var (lab, memory, pfn) = Frame();
        lab.Ask(memory, new FreePage(pfn));

        if (use == "read") lab.Ask(memory, new ReadPage(pfn));
        else if (use == "write") lab.Ask(memory, new WritePage(pfn));
        else lab.Ask(memory, new WritePartOfLine(pfn));

        Assert.Contains("is free", memory.Misuse);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_partial_write_with_the_wrong_key_poisons_on_machines_with_the_erratum(bool erratum)
    {
        var (lab, memory, pfn) = Frame(new() { TdxPartialWriteErratum = erratum });
        lab.Ask(memory, new WritePage(pfn, Td));

        lab.Ask(memory, new WritePartOfLine(pfn));
        Assert.Null(memory.MachineCheck);

        Assert.Equal(erratum ? ContentKind.Poison : ContentKind.Data, lab.Ask(memory, new ReadPage(pfn)).Kind);
        Assert.Equal(erratum, memory.MachineCheck is not null);
        Assert.Equal(erratum, new AccessResult(memory.ContentOf(pfn, Td)).Fault.Kind == FaultKind.MachineCheck);
    }

    [Fact]
    public void The_host_that_fills_a_page_it_takes_back_can_write_parts_of_it_later()
    {
        var (lab, memory, pfn) = Frame(new() { TdxPartialWriteErratum = true });
        lab.Ask(memory, new ClearPage(pfn, Td));

        lab.Ask(memory, new ClearPage(pfn));
        lab.Ask(memory, new WritePartOfLine(pfn));

        Assert.Equal(ContentKind.Data, lab.Ask(memory, new ReadPage(pfn)).Kind);
        Assert.Null(memory.MachineCheck);
    }

    [Fact]
    public void A_zeroed_private_page_is_poisoned_too_and_a_whole_line_takes_the_poison_away()
    {
        var (lab, memory, pfn) = Frame(new() { TdxPartialWriteErratum = true });
        lab.Ask(memory, new ClearPage(pfn, Td));

        lab.Ask(memory, new WritePartOfLine(pfn));
        lab.Ask(memory, new WritePartOfLine(pfn, Td));
        Assert.Equal(ContentKind.Poison, memory.ContentOf(pfn, Td).Kind);

        lab.Ask(memory, new WritePage(pfn));
        Assert.Equal(ContentKind.Data, memory.ContentOf(pfn, KeyId.Shared).Kind);
    }

    [Fact]
    public void A_partial_write_with_the_right_key_poisons_nothing()
    {
        var (lab, memory, pfn) = Frame(new() { TdxPartialWriteErratum = true });
        lab.Ask(memory, new WritePage(pfn, Td));

        lab.Ask(memory, new WritePartOfLine(pfn, Td));

        Assert.Equal(ContentKind.Data, memory.ContentOf(pfn, Td).Kind);
    }

    [Fact]
    public void A_partial_write_to_an_sev_page_poisons_nothing()
    {
        var (lab, memory, pfn) = Frame(new() { TdxPartialWriteErratum = true });
        lab.Ask(memory, new WritePage(pfn, Guest));

        lab.Ask(memory, new WritePartOfLine(pfn));

        Assert.Equal(ContentKind.Ciphertext, memory.ContentOf(pfn, Guest).Kind);
    }

    private static (Lab Lab, PhysicalMemory Memory, Pfn Pfn) Frame(MachineOptions? options = null)
    {
        var memory = new PhysicalMemory("memory", 1, options);
        var lab = new Lab(memory);
        return (lab, memory, lab.Ask(memory, new AllocPage(memory))!.Value);
    }
}
