import java.io.FileInputStream;
import java.io.InputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Prints PASS or FAIL for PDF/A-3b and every failed rule; exits 1 if any file fails. */
public class PdfaCheck {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        boolean all = true;
        for (String file : files) {
            try (InputStream in = new FileInputStream(file);
                    PDFAParser parser = Foundries.defaultInstance().createParser(in, PDFAFlavour.PDFA_3_B);
                    PDFAValidator validator =
                            Foundries.defaultInstance().createValidator(PDFAFlavour.PDFA_3_B, 20, false, true, false)) {
                ValidationResult result = validator.validate(parser);
                all &= result.isCompliant();
                System.out.println((result.isCompliant() ? "PASS " : "FAIL ") + file);
                for (TestAssertion failed : result.getTestAssertions()) {
                    if (failed.getStatus() == TestAssertion.Status.FAILED) {
                        System.out.println("  " + failed.getRuleId().getClause() + "-" + failed.getRuleId().getTestNumber()
                                + " " + failed.getMessage() + " @ " + failed.getLocation().getContext());
                    }
                }
            }
        }
        System.exit(all ? 0 : 1);
    }
}
