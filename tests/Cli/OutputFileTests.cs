using System.IO;
using GmemActors.Cli;

namespace GmemActors.Tests.Cli;

public sealed class OutputFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_replaced_whole()
    {
        var file = _folder.Write("old", new string('x', 10_000));

        OutputFile.Write(file, "new");

        Assert.Equal("new", File.ReadAllText(file));
        Assert.Equal(["old"], _folder.Files);
    }

    [Fact]
    public void A_link_stays_one_and_the_text_goes_where_it_leads()
    {
        var (target, link) = (_folder.Write("target", "old and longer"), _folder.PathOf("link"));
        File.CreateSymbolicLink(link, target);

        OutputFile.Write(link, "new");

        Assert.Equal(target, new FileInfo(link).LinkTarget);
        Assert.Equal("new", File.ReadAllText(target));
    }

    [Fact]
    public void A_link_to_a_device_stays_one()
    {
        if (!OperatingSystem.IsLinux()) return;
        var link = _folder.PathOf("link");
        File.CreateSymbolicLink(link, "/dev/null");

        OutputFile.CheckFile(link);
        OutputFile.Write(link, "text");

        Assert.Equal("/dev/null", new FileInfo(link).LinkTarget);
        Assert.Equal(["link"], _folder.Files);
    }

    [Fact]
    public void A_pipe_stays_one_and_its_reader_gets_the_text()
    {
        if (!OperatingSystem.IsLinux()) return;
        var pipe = _folder.PathOf("pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", pipe)) made.WaitForExit();
        using var reader = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cat", pipe) { RedirectStandardOutput = true })!;

        OutputFile.Write(pipe, "text");

        Assert.Equal("text", reader.StandardOutput.ReadToEnd());
        Assert.Equal(["pipe"], _folder.Files);
    }

    [Fact]
    public void Nothing_is_left_of_a_file_that_cannot_be_put_in_its_place()
    {
        Directory.CreateDirectory(_folder.PathOf("taken"));

        Assert.Throws<MisuseException>(() => OutputFile.Write(_folder.PathOf("taken"), "text"));

        Assert.Equal(["taken"], _folder.Files);
    }
}
