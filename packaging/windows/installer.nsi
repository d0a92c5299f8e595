; The installer for one user: no administrator, nothing outside the user's own folders, and no list of recent files.
; Called by packaging/freeze/windows.py, which gives VERSION, NUMBERS, ICON, FOLDER (the frozen program), TARGET and KIBIBYTES.
Unicode true
SetCompressor /SOLID lzma
RequestExecutionLevel user
ManifestDPIAware true
ManifestSupportedOS Win10
Name "fielddoc"
OutFile "${TARGET}"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\fielddoc"
InstallDir "$LOCALAPPDATA\Programs\fielddoc"
; An update goes where the program is.
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
BrandingText " "
VIProductVersion "${NUMBERS}"
VIAddVersionKey /LANG=1033 "ProductName" "fielddoc"
VIAddVersionKey /LANG=1033 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "FileDescription" "Installs fielddoc"
VIAddVersionKey /LANG=1033 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "CompanyName" "The fielddoc developers"
VIAddVersionKey /LANG=1033 "LegalCopyright" "GPL-3.0-or-later"

!include "MUI2.nsh"
!include "x64.nsh"
!include "WinVer.nsh"
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\fielddoc.exe"
!insertmacro MUI_PAGE_WELCOME
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE RefuseForeignFolder
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString NeedsWindows ${LANG_ENGLISH} "fielddoc needs Windows 10 or later, 64 bit."
LangString NeedsWindows ${LANG_SIMPCHINESE} "fielddoc 需要 64 位的 Windows 10 或更新版本。"
LangString IsRunning ${LANG_ENGLISH} "Close fielddoc first, then try again."
LangString IsRunning ${LANG_SIMPCHINESE} "请先关闭 fielddoc，然后再试。"

LangString IsForeign ${LANG_ENGLISH} "This folder holds something else. Choose an empty folder or a new one."
LangString IsForeign ${LANG_SIMPCHINESE} "这个文件夹里已有其他内容。请选择空文件夹或新文件夹。"

; Windows says 10.0 for 10 and 11 alike; 17763 is version 1809, the first that Qt supports.
!macro RefuseOldWindows
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
  ${OrIfNot} ${AtLeastBuild} 17763
    MessageBox MB_ICONSTOP "$(NeedsWindows)" /SD IDOK
    SetErrorLevel 1
    Quit
  ${EndIf}
!macroend

; A running program cannot be written over: its file is opened for writing to see whether it runs.
!macro RefuseRunning FILE
  ${If} ${FileExists} "$INSTDIR\${FILE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${FILE}" a
    ${If} ${Errors}
      MessageBox MB_ICONEXCLAMATION "$(IsRunning)" /SD IDOK
      SetErrorLevel 1
      Abort
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

!macro RefuseWhileRunning
  !insertmacro RefuseRunning "fielddoc.exe"
  !insertmacro RefuseRunning "fielddoc-cli.exe"
!macroend

; An installation removes folders named _internal and LICENCES. So it goes only where there is nothing yet, or where
; fielddoc was installed before: there our uninstaller lies beside our program, and no mark of a folder to carry.
Function RefuseForeignFolder
  ${If} ${FileExists} "$INSTDIR\portable"
    MessageBox MB_ICONEXCLAMATION "$(IsForeign)" /SD IDOK
    Abort
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\uninstall.exe"
  ${AndIf} ${FileExists} "$INSTDIR\fielddoc.exe"
    Return
  ${EndIf}
  FindFirst $0 $1 "$INSTDIR\*.*"
  ${DoWhile} $1 != ""
    ${If} $1 != "."
    ${AndIf} $1 != ".."
      FindClose $0
      MessageBox MB_ICONEXCLAMATION "$(IsForeign)" /SD IDOK
      Abort
    ${EndIf}
    FindNext $0 $1
  ${Loop}
  FindClose $0
FunctionEnd

Function .onInit
  !insertmacro RefuseOldWindows
FunctionEnd

Section
  ; Once more: a silent installation shows no page.
  Call RefuseForeignFolder
  !insertmacro RefuseWhileRunning
  ; Of an earlier version only what the installer itself put there is removed; the folder may hold anything else.
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\LICENCES"
  SetOutPath "$INSTDIR"
  File /r "${FOLDER}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\fielddoc.lnk" "$INSTDIR\fielddoc.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "fielddoc"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The fielddoc developers"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\fielddoc.exe"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${KIBIBYTES}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  !insertmacro RefuseWhileRunning
  ; By name: a vault that somebody put into this folder stays.
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\LICENCES"
  Delete "$INSTDIR\fielddoc.exe"
  Delete "$INSTDIR\fielddoc-cli.exe"
  Delete "$INSTDIR\LICENCE.txt"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\fielddoc.lnk"
  DeleteRegKey HKCU "${UNINSTALL}"
  ; The one file that fielddoc may have left outside a vault.
  Delete "$APPDATA\fielddoc\last-place.json"
  RMDir "$APPDATA\fielddoc"
SectionEnd
