"""What project files of .NET say."""

from __future__ import annotations

from lmi_lint.dependencies.nuget import read_csproj
from tests.dependencies.conftest import Make, places, said

PROJECT = """\
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><Own>2.5</Own><Doubtful>1</Doubtful></PropertyGroup>
  <PropertyGroup Condition="'$(Configuration)' == 'Release'"><Doubtful>2</Doubtful></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Attribute" Version="1.2.3" />
    <PackageReference Include="Element"><Version>1.2.4</Version></PackageReference>
    <PackageReference Include="Property" Version="$(Own).1" />
    <PackageReference Include="Shared" Version="$(SharedVersion)" />
    <PackageReference Include="Doubt" Version="$(Doubtful)" />
    <PackageReference Include="Lowest" Version="[1.4,2.0)" />
    <PackageReference Include="Floating" Version="3.*" />
    <PackageReference Include="Tool" Version="1.0.0" PrivateAssets="all" />
    <PackageReference Include="Build" Version="1.0.0"><PrivateAssets>all</PrivateAssets></PackageReference>
    <PackageReference Include="Condition" Version="1.0.0" Condition="'$(X)' == ''" />
    <PackageReference Update="Updated" Version="1.0.0" />
    <ProjectReference Include="..\\lib\\Lib.csproj" />
  </ItemGroup>
</Project>
"""
PROPS = """\
<Project>
  <PropertyGroup><SharedVersion>4.0.1</SharedVersion></PropertyGroup>
  <ItemGroup><PackageReference Include="Everywhere" Version="9.0.0" /></ItemGroup>
</Project>
"""
LIB = """\
<Project>
  <ItemGroup><PackageReference Include="OfLib" Version="8.0" /><ProjectReference Include="Lib.csproj" /></ItemGroup>
</Project>
"""


def test_project(make: Make) -> None:
    files = make({"src/app/App.csproj": PROJECT, "src/lib/Lib.csproj": LIB, "Directory.Build.props": PROPS})
    found = read_csproj(files, "src/app/App.csproj")
    assert said(found) == {
        "Attribute": "1.2.3",
        "Element": "1.2.4",
        "Property": "2.5.1",
        "Shared": "4.0.1",
        "Doubt": None,
        "Lowest": "1.4",
        "Floating": "(3.*)",
        "Everywhere": "9.0.0",
        "OfLib": "8.0",
    }
    where = places(files, found)
    assert where["Element"].startswith('src/app/App.csproj:6 <PackageReference Include="Element">')
    assert where["Element"].endswith("</PackageReference>")
    assert where["Shared"].startswith("Directory.Build.props:2 <SharedVersion>")
    assert where["Attribute"].endswith('Version="1.2.3" />')


def test_central_versions(make: Make) -> None:
    project = """\
<Project>
  <ItemGroup>
    <PackageReference Include="Central" />
    <PackageReference Include="Overridden" VersionOverride="1.0.0" />
    <PackageReference Include="Missing" />
  </ItemGroup>
</Project>
"""
    central = """\
<Project>
  <PropertyGroup><V>2.2.0</V></PropertyGroup>
  <ItemGroup>
    <PackageVersion Include="central" Version="$(V)" />
    <PackageVersion Include="Overridden" Version="2.0.0" />
  </ItemGroup>
</Project>
"""
    files = make({"src/App.csproj": project, "Directory.Packages.props": central})
    found = read_csproj(files, "src/App.csproj")
    assert said(found) == {"Central": "2.2.0", "Overridden": "1.0.0", "Missing": None}
    assert places(files, found)["Central"].startswith("Directory.Packages.props:2 <V>")


def test_lock_names_what_is_brought_along(make: Make) -> None:
    lock = """\
{"version": 1, "dependencies": {"net8.0": {
  "Floating": {"type": "Direct", "resolved": "3.4.5"},
  "AWSSDK.Core": {"type": "Transitive", "resolved": "3.7.106.13"}
}}}
"""
    files = make({"App.csproj": PROJECT, "packages.lock.json": lock})
    found = read_csproj(files, "App.csproj")
    assert said(found)["Floating"] == "3.4.5"
    assert said(found)["AWSSDK.Core"] == "3.7.106.13"
    assert places(files, found)["AWSSDK.Core"] == 'packages.lock.json:3 "AWSSDK.Core"'
